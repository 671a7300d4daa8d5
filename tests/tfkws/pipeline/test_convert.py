"""The convert stage on a model folder with clips made of noise."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import ConversionSettings
from tfkws.data.batches import feature_map
from tfkws.data.clip_set import ClipSet
from tfkws.data.task_data import TaskData
from tfkws.errors import ConversionError, ParityError, RuntimeUnavailableError
from tfkws.models.saving import save_model
from tfkws.pipeline.bundle import bundle_folder, verify_bundle
from tfkws.pipeline.convert import convert_folder
from tfkws.tflite.convert import workbench
from tfkws.tflite.convert.parity_gate import ParityReport, parity_report
from tfkws.tflite.file.allowed_operators import read_operator_list
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.quantize import quantize_network
from tfkws.tflite.quantize.ranges import Ranges, measure_ranges
from tfkws.tflite.recipes import Rule
from tfkws.training.model_folder import ModelFolder, predict_in_chunks

REPAIRED = ConversionSettings(calibration_clips=20, gate_points=20, repair=True)


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_writes_model_recipe_and_parity(model_folder: ModelFolder, data: TaskData) -> None:
    path = convert_folder(model_folder, "int8", ConversionSettings(calibration_clips=5, gate_points=100), data=data)
    assert path == model_folder.path / "int8.tflite"
    recipe, parity = read(model_folder.path / "int8.recipe.json"), read(model_folder.path / "int8.parity.json")
    assert recipe["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert recipe["source_sha256"] == hashlib.sha256(model_folder.weights.read_bytes()).hexdigest()
    assert len(recipe["calibration"]["files"]) == 5
    assert set(recipe["calibration"]["files"]) <= set(data.splits["training"].files)
    assert recipe["contents"]["scheme"] == "int8"
    assert parity["passed"]
    assert parity["synthetic_speech"]
    assert all(answer["accepted"] for answer in parity["runtimes"])
    assert {split: report["clips"] for split, report in parity["splits"].items()} == {"validation": 30, "testing": 9}


def test_needs_force_to_replace(model_folder: ModelFolder, data: TaskData) -> None:
    first = convert_folder(model_folder, "none", data=data).read_bytes()
    with pytest.raises(ConversionError, match="--force"):
        convert_folder(model_folder, "none", data=data)
    assert convert_folder(model_folder, "none", data=data, force=True).read_bytes() == first


def test_a_conversion_below_the_gate_is_kept_aside_and_the_earlier_one_stays(
    model_folder: ModelFolder, data: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = convert_folder(model_folder, "none", data=data)
    before = {path.name: path.read_bytes() for path in model_folder.path.iterdir()}

    def lossy(
        reference: np.ndarray, candidate: np.ndarray, labels: np.ndarray, speakers: np.ndarray | None
    ) -> ParityReport:
        return parity_report(np.eye(3)[labels], np.eye(3)[(labels + 1) % 3], labels, speakers)

    monkeypatch.setattr(workbench, "parity_report", lossy)
    with pytest.raises(ParityError, match=r"loses 100\.0 points of validation accuracy .*none\.rejected\.tflite"):
        convert_folder(model_folder, "none", data=data, force=True)
    after = {path.name: path.read_bytes() for path in model_folder.path.iterdir()}
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {f"none.rejected.{end}" for end in ("tflite", "recipe.json", "parity.json")}
    assert kept.exists()
    assert not read(model_folder.path / "none.rejected.parity.json")["passed"]


@pytest.fixture
def told_apart(model_folder: ModelFolder, data: TaskData) -> TaskData:
    """Tones that the model tells apart; their labels are what it answers, so that every changed answer is an error."""
    import keras

    rng = np.random.default_rng(3)
    time = np.arange(16_000) / 16_000
    model = model_folder.load_keras()

    def tones(split: str, count: int) -> ClipSet:
        pitches = np.geomspace(80, 7_000, count)[:, None]
        audio = (8_000 * np.sin(2 * np.pi * pitches * time) + rng.normal(0, 300, (count, 16_000))).astype(np.int16)
        files = tuple(f"yes/{split}{i:04d}_nohash_0.wav" for i in range(count))
        return ClipSet(audio, np.zeros(count, int), files, files)

    clips = {name: tones(name, 3 * len(noise)) for name, noise in data.splits.items()}
    maps = {name: feature_map(split, model_folder.config.features) for name, split in clips.items()}
    dense = model.get_layer("logits")
    logits = np.asarray(keras.Model(model.inputs, dense.output)(maps["validation"]))
    dense.set_weights(
        [np.asarray(dense.kernel) * 4 / logits.std(axis=0), -4 * logits.mean(axis=0) / logits.std(axis=0)]
    )
    save_model(model, model_folder.weights)
    answers = {name: predict_in_chunks(model, split).argmax(axis=1) for name, split in maps.items()}
    assert np.bincount(answers["validation"]).max() < 0.7 * 90
    return replace(data, splits={name: replace(split, labels=answers[name]) for name, split in clips.items()})


def broken(layer: str, factor: float) -> Callable[..., Ranges]:
    """`measure_ranges` with the range of one layer's output broken."""

    def measure(float_file: TfliteFile, examples: np.ndarray, rule: Rule, bits: int = 8) -> Ranges:
        ranges = measure_ranges(float_file, examples, rule, bits)
        graph = float_file.graph
        index = graph.layer_names.index(layer)
        name = graph.tensors[graph.ops[index].outputs[0]].name
        low, high = ranges[name]
        return ranges | {name: (factor * low, factor * high)}

    return measure


@pytest.mark.parametrize("layer", ["unit1_conv", "unit2_conv", "head_pool"])
def test_broken_calibration_fails_the_gate_and_the_layer_is_named(
    layer: str, model_folder: ModelFolder, told_apart: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantize_network, "measure_ranges", broken(layer, 0.02))
    with pytest.raises(ParityError, match=rf"the first bad layer is {layer} .*int8\.rejected\.layers\.png"):
        convert_folder(model_folder, "int8", ConversionSettings(calibration_clips=5), data=told_apart)
    parity = read(model_folder.path / "int8.rejected.parity.json")
    assert parity["first_bad_layer"]["name"] == layer
    assert (model_folder.path / "int8.rejected.layers.png").read_bytes()[:4] == b"\x89PNG"
    assert not (model_folder.path / "int8.tflite").exists()


def test_repair_keeps_the_first_remedy_that_passes_and_records_it(
    model_folder: ModelFolder, told_apart: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A range that is too narrow whatever the rule: only leaving the value in float32 helps."""
    monkeypatch.setattr(quantize_network, "measure_ranges", broken("unit2_conv", 0.02))
    path = convert_folder(model_folder, "int8", REPAIRED, data=told_apart)
    recipe, parity = read(model_folder.path / "int8.recipe.json"), read(model_folder.path / "int8.parity.json")
    assert recipe["recipe"]["keep_float"] == ["unit2_conv", "head_pool"]
    assert parity["remedies"][-1] == "unit2_conv, head_pool in float32"
    assert [row["passed"] for row in parity["attempts"]] == [False] * (len(parity["attempts"]) - 1) + [True]
    assert parity["attempts"][0]["recipe"] == "int8"
    metadata = tflite_file(path).metadata
    assert metadata is not None and metadata.conversion is not None
    assert metadata.conversion.keep_float == ("unit2_conv", "head_pool")
    first = path.read_bytes()
    convert_folder(
        model_folder,
        "int8",
        REPAIRED,
        data=told_apart,
        force=True,
    )
    assert path.read_bytes() == first


def test_repair_leaves_a_sound_file_alone(model_folder: ModelFolder, told_apart: TaskData) -> None:
    convert_folder(model_folder, "int8", REPAIRED, data=told_apart)
    parity = read(model_folder.path / "int8.parity.json")
    assert len(parity["attempts"]) == 1
    assert parity["remedies"] == []


def test_repair_passes_over_what_the_target_cannot_run(
    model_folder: ModelFolder, told_apart: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantize_network, "measure_ranges", broken("unit2_conv", 0.02))
    target = frozenset({"CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"})
    with pytest.raises(ParityError, match="unit2_conv"):
        convert_folder(
            model_folder,
            "int8",
            ConversionSettings(calibration_clips=5, repair=True),
            data=told_apart,
            allowed_operators=target,
        )
    attempts = read(model_folder.path / "int8.rejected.parity.json")["attempts"]
    assert len(attempts) == 3  # as it is, other ranges, equalised
    assert not any("float32" in row["recipe"] for row in attempts)


def test_remedies_need_a_recipe_that_quantises_values(model_folder: ModelFolder, data: TaskData) -> None:
    with pytest.raises(ConversionError, match="nothing to repair in recipe float16"):
        convert_folder(model_folder, "float16", ConversionSettings(repair=True), data=data)


def test_audio_file_is_judged_on_audio_and_lies_beside_the_other(model_folder: ModelFolder, data: TaskData) -> None:
    path = convert_folder(
        model_folder, "int8", ConversionSettings(calibration_clips=5, gate_points=100, input="audio"), data=data
    )
    assert path.name == "int8-audio.tflite"
    metadata = tflite_file(path).metadata
    assert metadata is not None and metadata.input == "audio"
    parity = read(model_folder.path / "int8-audio.parity.json")
    assert all(answer["accepted"] for answer in parity["runtimes"])
    assert parity["timing_hint"]["rounds"] > 0
    bundle, check = verify_bundle(bundle_folder(model_folder, "int8-audio"))
    assert check.passed
    assert bundle.task == model_folder.config.task
    with pytest.raises(ConversionError, match=r"run `tfkws convert .* --quantize float16 --input-kind audio`"):
        bundle_folder(model_folder, "float16-audio")


def test_operators_that_the_target_lacks_are_named_and_nothing_is_written(
    model_folder: ModelFolder, data: TaskData, tmp_path: Path
) -> None:
    (tmp_path / "ops.txt").write_text("CONV_2D  # the target's own\nmean\nSOFTMAX\n")
    allowed = read_operator_list(tmp_path / "ops.txt")
    assert allowed == {"CONV_2D", "MEAN", "SOFTMAX"}
    with pytest.raises(ConversionError, match=r"needs FULLY_CONNECTED \(1\)"):
        convert_folder(model_folder, "none", data=data, allowed_operators=allowed)
    assert not list(model_folder.path.glob("none*"))
    assert convert_folder(model_folder, "none", data=data, allowed_operators=allowed | {"FULLY_CONNECTED"}).exists()


def test_parity_holds_the_error_of_every_layer(model_folder: ModelFolder, data: TaskData) -> None:
    convert_folder(model_folder, "int8", ConversionSettings(calibration_clips=5, gate_points=100), data=data)
    layers = read(model_folder.path / "int8.parity.json")["layers"]
    assert [row["opcode"] for row in layers] == ["INPUT", "CONV_2D", "CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
    assert all(row["snr_db"] > 0 for row in layers)


@pytest.mark.parametrize("file", [".recipe.", ".parity.", ".layers.", ".tflite"])
@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_leaves_no_record_of_another_file(
    file: str, first: bool, model_folder: ModelFolder, told_apart: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ConversionSettings(calibration_clips=20, gate_points=100)
    if not first:
        convert_folder(model_folder, "int8", settings, data=told_apart)
    before = {path.name: path.read_bytes() for path in model_folder.path.iterdir()}
    plain = os.fsync

    def full(handle: int) -> None:
        if os.readlink(f"/proc/self/fd/{handle}").rpartition("/")[2].count(file):
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(handle)

    monkeypatch.setattr(os, "fsync", full)
    other = replace(settings, calibration_clips=5)
    with pytest.raises(OSError, match="No space left"):
        convert_folder(model_folder, "int8", other, data=told_apart, force=True)
    assert {path.name: path.read_bytes() for path in model_folder.path.iterdir()} == before
    monkeypatch.setattr(os, "fsync", plain)
    convert_folder(model_folder, "int8", other, data=told_apart, force=not first)


def test_records_of_another_file_are_refused_and_the_same_command_mends_them(
    model_folder: ModelFolder, data: TaskData, tmp_path: Path
) -> None:
    path = convert_folder(model_folder, "none", data=data)
    right = path.read_bytes()
    path.write_bytes(right + b" ")
    with pytest.raises(ConversionError, match=r"none\.recipe\.json and none\.parity\.json tell of another file"):
        bundle_folder(model_folder, "none")
    assert convert_folder(model_folder, "none", data=data).read_bytes() == right
    path.with_name("none.recipe.json").unlink()
    with pytest.raises(ConversionError, match="its conversion was interrupted"):
        bundle_folder(model_folder, "none")
    convert_folder(model_folder, "none", data=data)
    bundle_folder(model_folder, "none")


@pytest.mark.usefixtures("software_gpu")
def test_a_gpu_that_is_asked_for_stands_in_the_record(model_folder: ModelFolder, data: TaskData) -> None:
    settings = ConversionSettings(calibration_clips=5, gate_points=100, gpu="yes")
    path = convert_folder(model_folder, "int8", settings, data=data)
    full, half = read(path.with_suffix(".parity.json"))["gpu"]
    assert (full["runtime"], half["runtime"]) == ("litert-gpu", "litert-gpu-half")
    assert full["adapter"]["software"] and full["within"] and full["fully_accelerated"]
    convert_folder(model_folder, "int8", replace(settings, gpu="auto"), data=data, force=True)
    assert "gpu" not in read(path.with_suffix(".parity.json"))  # software answers only when asked


def test_a_gpu_that_is_asked_for_and_missing_is_told_before_anything_is_written(
    model_folder: ModelFolder, data: TaskData, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES"):
        monkeypatch.setenv(name, str(tmp_path / "none.json"))
    before = sorted(model_folder.path.iterdir())
    with pytest.raises(RuntimeUnavailableError, match=r"^No GPU can be used: .*[Ii]nstall"):
        convert_folder(model_folder, "none", ConversionSettings(gpu="yes"), data=data)
    assert sorted(model_folder.path.iterdir()) == before


needs_micro = pytest.mark.skipif(
    find_spec("tflite_micro") is None, reason="tflite-micro is not installed: pip install 'tfkws[micro]'"
)
FOR_MICRO = ConversionSettings(calibration_clips=5, gate_points=100, runs_on="micro")


@needs_micro
def test_a_file_for_a_microcontroller_is_run_there(model_folder: ModelFolder, data: TaskData) -> None:
    path = convert_folder(model_folder, "int8", FOR_MICRO, data=data)
    told = read(path.with_suffix(".parity.json"))["micro"]
    assert told["maps_bytes"] == 32 * 16 * (4 + 4) and told["arena_bytes"] > told["maps_bytes"]
    assert told["examples"] == 16 and told["answers_beside_litert"]
    made = TfliteFile.read(path)
    assert made.metadata is not None and made.metadata.labels == data.labels
    used = {i for op in made.graph.ops for i in (*op.inputs, *op.outputs)}
    assert used - {-1} == set(range(len(made.graph.tensors)))  # -1: no bias


@needs_micro
def test_an_arena_above_the_limit_is_refused_and_nothing_written(model_folder: ModelFolder, data: TaskData) -> None:
    with pytest.raises(ConversionError, match="more than --max-arena-kib 4"):
        convert_folder(model_folder, "int8", replace(FOR_MICRO, max_arena_kib=4), data=data)
    assert not (model_folder.path / "int8.tflite").exists()


@needs_micro
def test_a_front_end_that_a_microcontroller_cannot_compute_is_named(model_folder: ModelFolder, data: TaskData) -> None:
    with pytest.raises(ConversionError, match="needs RFFT2D for layer 'front_end'"):
        convert_folder(model_folder, "none", replace(FOR_MICRO, input="audio"), data=data)


def test_without_its_interpreter_nothing_is_converted_for_it(
    model_folder: ModelFolder, data: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tfkws.tflite.micro.interpreter.find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailableError, match=r"tfkws\[micro\]"):
        convert_folder(model_folder, "int8", FOR_MICRO, data=data)
