"""The convert, bundle and profile stages on a model folder with clips made of noise."""

import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest

from tfkws.config import ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.data.clip_set import ClipSet
from tfkws.errors import ConfigError, ConversionError, ParityError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tflite import judging
from tfkws.tflite.calibration import draw_calibration, draw_files
from tfkws.tflite.folder import convert_folder
from tfkws.tflite.operator_list import read_operator_list
from tfkws.tflite.folder_bundle import bundle_folder, verify_bundle
from tfkws.tflite.parity import compare
from tfkws.training.model_folder import open_model_folder, write_config

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
    from tfkws.models import build_model
    from tfkws.models.saving import save_model

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
        return compare(np.eye(3)[labels], np.eye(3)[(labels + 1) % 3], labels, speakers)

    monkeypatch.setattr(judging, "compare", lossy)
    with pytest.raises(ParityError, match=r"loses 100\.0 points of validation accuracy .*none\.rejected\.tflite"):
        convert_folder(folder, "none", data=data, force=True)
    after = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {f"none.rejected.{end}" for end in ("tflite", "recipe.json", "parity.json")}
    assert kept.exists()
    assert not read(folder.path / "none.rejected.parity.json")["passed"]


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
