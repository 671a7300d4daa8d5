"""The convert, bundle and profile stages on a model folder with clips made of noise."""

import hashlib
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tfkws.config import ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.data.batches import feature_map
from tfkws.data.clip_set import ClipSet
from tfkws.errors import ConfigError, ConversionError, ModelError, ParityError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.models.saving import save_model
from tfkws.pipeline.bundle import bundle_folder, verify_bundle
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.parts.detector import open_detector
from tfkws.tflite.convert import workbench
from tfkws.tflite.convert.calibration import draw_calibration, draw_files
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.parity_gate import parity_report
from tfkws.tflite.file.allowed_operators import read_operator_list
from tfkws.tflite.file.tflite_file import tflite_file
from tfkws.tflite.quantize import quantize_network
from tfkws.tflite.quantize.ranges import measure_ranges
from tfkws.tflite.recipes import RECIPES
from tfkws.training.detection import measured_settings
from tfkws.training.model_folder import open_model_folder, predict_in_chunks, write_config

LABELS = ("yes", "no", "_unknown_")
COUNTS = {"training": 12, "validation": 30, "testing": 9}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(11)
    return SimpleNamespace(splits={name: clips(rng, name, count) for name, count in COUNTS.items()}, synthetic=True)


def clips(rng, split, count):
    files = tuple(f"yes/{split}{i:04d}_nohash_0.wav" for i in range(count))
    audio = rng.integers(-9000, 9000, (count, 16_000)).astype(np.int16)
    return ClipSet(audio, np.arange(count) % 3, files, tuple(f"speaker{i}" for i in range(count)))


@pytest.fixture
def folder(tmp_path):
    import keras

    from tfkws.models import build_model

    keras.utils.set_random_seed(4)
    features = FRONT_ENDS["logmel-32x32"]
    variant = {"convs": "3x3,4 1x1,4"}
    task = TaskConfig("commands", ("yes", "no"))
    write_config(
        tmp_path, RunConfig(task, features, ModelConfig("seed_cnn", variant), TrainConfig(), LABELS, "x", True)
    )
    save_model(build_model("seed_cnn", features.input_shape, 3, **variant), tmp_path / "model.keras")
    return open_model_folder(tmp_path)


def read(path):
    return json.loads(path.read_text())


def test_writes_model_recipe_and_parity(folder, data):
    path = convert_folder(folder, "int8", calibration_count=5, data=data, gate_points=100)
    assert path == folder.path / "int8.tflite"
    recipe, parity = read(folder.path / "int8.recipe.json"), read(folder.path / "int8.parity.json")
    assert recipe["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert recipe["source_sha256"] == hashlib.sha256(folder.weights.read_bytes()).hexdigest()
    assert len(recipe["calibration"]["files"]) == 5
    assert set(recipe["calibration"]["files"]) <= set(data.splits["training"].files)
    assert recipe["contents"]["scheme"] == "int8"
    assert parity["passed"]
    assert parity["synthetic_speech"]
    assert all(answer["accepted"] for answer in parity["runtimes"])
    assert {split: report["clips"] for split, report in parity["splits"].items()} == {"validation": 30, "testing": 9}


def test_needs_force_to_replace(folder, data):
    first = convert_folder(folder, "none", data=data).read_bytes()
    with pytest.raises(ConversionError, match="--force"):
        convert_folder(folder, "none", data=data)
    assert convert_folder(folder, "none", data=data, force=True).read_bytes() == first


def test_a_conversion_below_the_gate_is_kept_aside_and_the_earlier_one_stays(folder, data, monkeypatch):
    kept = convert_folder(folder, "none", data=data)
    before = {path.name: path.read_bytes() for path in folder.path.iterdir()}

    def lossy(reference, candidate, labels, speakers):
        return parity_report(np.eye(3)[labels], np.eye(3)[(labels + 1) % 3], labels, speakers)

    monkeypatch.setattr(workbench, "parity_report", lossy)
    with pytest.raises(ParityError, match=r"loses 100\.0 points of validation accuracy .*none\.rejected\.tflite"):
        convert_folder(folder, "none", data=data, force=True)
    after = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {f"none.rejected.{end}" for end in ("tflite", "recipe.json", "parity.json")}
    assert kept.exists()
    assert not read(folder.path / "none.rejected.parity.json")["passed"]


@pytest.fixture
def told_apart(folder):
    """Tones that the model tells apart; their labels are what it answers, so that every changed answer is an error."""
    import keras

    rng = np.random.default_rng(3)
    time = np.arange(16_000) / 16_000
    model = folder.load_keras()

    def tones(split, count):
        pitches = np.geomspace(80, 7_000, count)[:, None]
        audio = (8_000 * np.sin(2 * np.pi * pitches * time) + rng.normal(0, 300, (count, 16_000))).astype(np.int16)
        files = tuple(f"yes/{split}{i:04d}_nohash_0.wav" for i in range(count))
        return ClipSet(audio, np.zeros(count, int), files, files)

    clips = {name: tones(name, 3 * count) for name, count in COUNTS.items()}
    maps = {name: feature_map(split, folder.config.features) for name, split in clips.items()}
    dense = model.get_layer("logits")
    logits = np.asarray(keras.Model(model.inputs, dense.output)(maps["validation"]))
    dense.set_weights(
        [np.asarray(dense.kernel) * 4 / logits.std(axis=0), -4 * logits.mean(axis=0) / logits.std(axis=0)]
    )
    save_model(model, folder.weights)
    answers = {name: predict_in_chunks(model, split).argmax(axis=1) for name, split in maps.items()}
    assert np.bincount(answers["validation"]).max() < 0.7 * 90
    return SimpleNamespace(
        splits={name: replace(split, labels=answers[name]) for name, split in clips.items()}, synthetic=True
    )


def broken(layer, factor):
    """`measure_ranges` with the range of one layer's output broken."""

    def measure(float_file, examples, rule, bits=8):
        ranges = measure_ranges(float_file, examples, rule, bits)
        graph = tflite_file(float_file).graph
        index = graph.layer_names.index(layer)
        name = graph.tensors[graph.ops[index].outputs[0]].name
        return ranges | {name: tuple(factor * end for end in ranges[name])}

    return measure


@pytest.mark.parametrize("layer", ["unit1_conv", "unit2_conv", "head_pool"])
def test_broken_calibration_fails_the_gate_and_the_layer_is_named(layer, folder, told_apart, monkeypatch):
    monkeypatch.setattr(quantize_network, "measure_ranges", broken(layer, 0.02))
    with pytest.raises(ParityError, match=rf"the first bad layer is {layer} .*int8\.rejected\.layers\.png"):
        convert_folder(folder, "int8", calibration_count=5, data=told_apart)
    parity = read(folder.path / "int8.rejected.parity.json")
    assert parity["first_bad_layer"]["name"] == layer
    assert (folder.path / "int8.rejected.layers.png").read_bytes()[:4] == b"\x89PNG"
    assert not (folder.path / "int8.tflite").exists()


def test_repair_keeps_the_first_remedy_that_passes_and_records_it(folder, told_apart, monkeypatch):
    """A range that is too narrow whatever the rule: only leaving the value in float32 helps."""
    monkeypatch.setattr(quantize_network, "measure_ranges", broken("unit2_conv", 0.02))
    path = convert_folder(folder, "int8", calibration_count=20, data=told_apart, gate_points=20, with_remedies=True)
    recipe, parity = read(folder.path / "int8.recipe.json"), read(folder.path / "int8.parity.json")
    assert recipe["recipe"]["keep_float"] == ["unit2_conv", "head_pool"]
    assert parity["remedies"][-1] == "unit2_conv, head_pool in float32"
    assert [row["passed"] for row in parity["attempts"]] == [False] * (len(parity["attempts"]) - 1) + [True]
    assert parity["attempts"][0]["recipe"] == "int8"
    assert tflite_file(path).metadata.conversion.keep_float == ("unit2_conv", "head_pool")
    first = path.read_bytes()
    convert_folder(
        folder, "int8", calibration_count=20, data=told_apart, gate_points=20, with_remedies=True, force=True
    )
    assert path.read_bytes() == first


def test_repair_leaves_a_sound_file_alone(folder, told_apart):
    convert_folder(folder, "int8", calibration_count=20, data=told_apart, with_remedies=True, gate_points=20)
    parity = read(folder.path / "int8.parity.json")
    assert len(parity["attempts"]) == 1
    assert parity["remedies"] == []


def test_repair_passes_over_what_the_target_cannot_run(folder, told_apart, monkeypatch):
    monkeypatch.setattr(quantize_network, "measure_ranges", broken("unit2_conv", 0.02))
    target = frozenset({"CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"})
    with pytest.raises(ParityError, match="unit2_conv"):
        convert_folder(
            folder, "int8", calibration_count=5, data=told_apart, with_remedies=True, allowed_operators=target
        )
    attempts = read(folder.path / "int8.rejected.parity.json")["attempts"]
    assert len(attempts) == 3  # as it is, other ranges, equalised
    assert not any("float32" in row["recipe"] for row in attempts)


def test_remedies_need_a_recipe_that_quantises_values(folder, data):
    with pytest.raises(ConversionError, match="nothing to repair in recipe float16"):
        convert_folder(folder, "float16", data=data, with_remedies=True)


def test_audio_file_is_judged_on_audio_and_lies_beside_the_other(folder, data):
    path = convert_folder(folder, "int8", calibration_count=5, data=data, gate_points=100, input_kind="audio")
    assert path.name == "int8-audio.tflite"
    assert tflite_file(path).metadata.input == "audio"
    parity = read(folder.path / "int8-audio.parity.json")
    assert all(answer["accepted"] for answer in parity["runtimes"])
    assert parity["timing_hint"]["rounds"] > 0
    bundle, check = verify_bundle(bundle_folder(folder, "int8-audio"))
    assert check.passed
    assert bundle.task == folder.config.task
    with pytest.raises(ConversionError, match=r"run `tfkws convert .* --quantize float16 --input audio`"):
        bundle_folder(folder, "float16-audio")


def test_a_file_says_what_it_is_and_is_scored_outside_of_its_folder(folder, data, tmp_path_factory):
    for kind in ("features", "audio"):
        path = convert_folder(folder, "none", data=data, input_kind=kind)
        alone = tmp_path_factory.mktemp("alone") / "x.tflite"
        alone.write_bytes(path.read_bytes())
        detector = open_detector(alone)
        assert (detector.labels, detector.task) == (LABELS, folder.config.task)
        assert (detector.features, detector.synthetic_speech) == (folder.config.features, True)
        expected = predict_in_chunks(folder.load_keras(), feature_map(data.splits["testing"], folder.config.features))
        np.testing.assert_allclose(detector.answer(data.splits["testing"]), expected, atol=1e-4)


def test_a_lone_file_without_metadata_is_refused_with_a_sentence(folder, data, tmp_path_factory):
    alone = tmp_path_factory.mktemp("alone") / "x.tflite"
    alone.write_bytes(convert(folder.load_keras(), RECIPES["none"]).content)
    with pytest.raises(ModelError, match="no metadata of tfkws and lies in no model folder"):
        open_detector(alone)


def test_threshold_of_a_wake_word_is_in_the_file(folder, data):
    labels = np.array([0, 0, 0, 0, 1, 1])
    probabilities = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    settings = measured_settings(labels, np.stack([1 - probabilities, probabilities], axis=1))
    assert settings.threshold == 0.7
    assert measured_settings(labels, np.full((6, 3), 1 / 3)).threshold == 0.5


def test_draw_goes_by_name_and_not_by_order():
    files = tuple(f"w/{i}.wav" for i in range(100))
    chosen = {files[i] for i in draw_files(files, 10, seed=0)}
    shuffled = files[::-1]
    assert {shuffled[i] for i in draw_files(shuffled, 10, seed=0)} == chosen
    assert {files[i] for i in draw_files(files, 10, seed=1)} != chosen
    assert set(draw_files(files, 500, seed=0)) == set(range(100))


def test_calibration_needs_clips(data):
    with pytest.raises(ConversionError, match="at least one clip"):
        draw_calibration(data.splits["training"], FRONT_ENDS["logmel-32x32"], 0)


def test_bundle_of_a_folder_is_sound_and_says_what_it_is(folder, data):
    convert_folder(folder, "none", data=data)
    path = bundle_folder(folder, "none")
    bundle, check = verify_bundle(path)
    assert check.passed
    assert bundle.labels == LABELS
    assert bundle.features == folder.config.features
    assert bundle.synthetic_speech
    assert bundle.card["parity"]["splits"]["validation"]["clips"] == 30
    with pytest.raises(ConversionError, match="--force"):
        bundle_folder(folder, "none")


def test_bundle_takes_the_threshold_of_the_evaluation(folder, data):
    convert_folder(folder, "none", data=data)
    thresholds = {"0.01": {"threshold": 0.83, "miss_rate": 0.1, "false_accept_rate": 0.01}}
    evaluation = {"detection": {"thresholds": thresholds}, "synthetic_speech": True, "model": "none.tflite"}
    scores = {"split": "validation", "protocol": "wake-word", "clips": 30, "manifest": "ab", "accuracy": 0.9, "f1": 0.8}
    intervals = {"accuracy_interval": [0.8, 1.0], "f1_interval": [0.7, 0.9]}
    (folder.path / "evaluation-none-validation.json").write_text(json.dumps(evaluation | scores | intervals))
    bundle, _ = verify_bundle(bundle_folder(folder, "none"))
    assert bundle.detector.threshold == 0.83
    assert bundle.card["scores"][0]["accuracy"] == 0.9


def test_bundle_of_what_was_not_converted_says_what_to_run(folder):
    with pytest.raises(ConversionError, match="tfkws convert .* --quantize int8"):
        bundle_folder(folder, "int8")


def test_operators_that_the_target_lacks_are_named_and_nothing_is_written(folder, data, tmp_path):
    (tmp_path / "ops.txt").write_text("CONV_2D  # the target's own\nmean\nSOFTMAX\n")
    allowed = read_operator_list(tmp_path / "ops.txt")
    assert allowed == {"CONV_2D", "MEAN", "SOFTMAX"}
    with pytest.raises(ConversionError, match=r"needs FULLY_CONNECTED \(1\)"):
        convert_folder(folder, "none", data=data, allowed_operators=allowed)
    assert not list(folder.path.glob("none*"))
    assert convert_folder(folder, "none", data=data, allowed_operators=allowed | {"FULLY_CONNECTED"}).exists()


@pytest.mark.parametrize("text", ["", "CONV_3000\n"])
def test_a_list_of_operators_must_name_some(text, tmp_path):
    (tmp_path / "ops.txt").write_text(text)
    with pytest.raises(ConfigError, match="must list operators"):
        read_operator_list(tmp_path / "ops.txt")


def test_parity_holds_the_error_of_every_layer(folder, data):
    convert_folder(folder, "int8", calibration_count=5, data=data, gate_points=100)
    layers = read(folder.path / "int8.parity.json")["layers"]
    assert [row["opcode"] for row in layers] == ["INPUT", "CONV_2D", "CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
    assert all(row["snr_db"] > 0 for row in layers)
