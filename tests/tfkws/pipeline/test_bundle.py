"""Bundles of a converted model folder."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tfkws.config import DetectorConfig, ForeignModel
from tfkws.data.task_data import TaskData
from tfkws.errors import ConversionError, ModelError, RunFolderError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline.bundle import bundle_folder, bundle_foreign, told_by_file, verify_bundle
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.parts.model_card import SCORE_KEYS
from tfkws.training.model_folder import ModelFolder

LABELS = ("yes", "no", "_unknown_")


def test_bundle_of_a_folder_is_sound_and_says_what_it_is(model_folder: ModelFolder, data: TaskData) -> None:
    convert_folder(model_folder, "none", data=data)
    path = bundle_folder(model_folder, "none")
    bundle, check = verify_bundle(path)
    assert check.passed
    assert bundle.labels == LABELS
    assert bundle.features == model_folder.config.features
    assert bundle.synthetic_speech
    assert bundle.card["parity"]["splits"]["validation"]["clips"] == 30
    with pytest.raises(ConversionError, match="--force"):
        bundle_folder(model_folder, "none")


def test_bundle_takes_the_threshold_of_the_evaluation(model_folder: ModelFolder, data: TaskData) -> None:
    convert_folder(model_folder, "none", data=data)
    thresholds = {"0.01": {"threshold": 0.83, "miss_rate": 0.1, "false_accept_rate": 0.01}}
    evaluation = {"detection": {"thresholds": thresholds}, "synthetic_speech": True, "model": "none.tflite"}
    scores = {"split": "validation", "protocol": "wake-word", "clips": 30, "manifest": "ab", "accuracy": 0.9, "f1": 0.8}
    intervals = {"majority_baseline": 0.5, "accuracy_interval": [0.8, 1.0], "f1_interval": [0.7, 0.9]}
    (model_folder.path / "evaluation-none-validation.json").write_text(json.dumps(evaluation | scores | intervals))
    bundle, _ = verify_bundle(bundle_folder(model_folder, "none"))
    assert bundle.detector.threshold == 0.83
    assert bundle.card["scores"][0]["accuracy"] == 0.9


def test_bundle_of_what_was_not_converted_says_what_to_run(model_folder: ModelFolder) -> None:
    with pytest.raises(ConversionError, match="tfkws convert .* --quantize int8"):
        bundle_folder(model_folder, "int8")


@pytest.mark.parametrize("record", [{}, {"clips": "many", "accuracy": []}, [1]])
def test_a_damaged_evaluation_is_one_sentence(model_folder: ModelFolder, data: TaskData, record: object) -> None:
    convert_folder(model_folder, "none", data=data)
    keys = dict.fromkeys(SCORE_KEYS, "x") if record else {}
    values = keys | record if isinstance(record, dict) else record
    (model_folder.path / "evaluation-none-testing.json").write_text(json.dumps(values))
    with pytest.raises(RunFolderError, match="damaged|no record"):
        bundle_folder(model_folder, "none")


def test_a_keras_model_made_elsewhere_becomes_a_detector(tmp_path: Path) -> None:
    import keras

    keras.utils.set_random_seed(2)
    inputs = keras.Input((490,))
    keras.Model(inputs, keras.layers.Dense(1)(inputs), name="their odd name").save(tmp_path / "theirs.keras")
    told = ForeignModel(("_other_", "loud"), FRONT_ENDS["mfcc-49x10"], scale=0.01, logits=True)
    bundle, check = verify_bundle(
        bundle_foreign(tmp_path / "theirs.keras", told, detector=DetectorConfig(threshold=0.7))
    )
    assert check.passed and (bundle.labels, bundle.detector.threshold) == (("_other_", "loud"), 0.7)
    kernel, bias = keras.saving.load_model(tmp_path / "theirs.keras").get_weights()
    second = 1 / (1 + np.exp(-(0.01 * bundle.golden.features.reshape(3, 490) @ kernel + bias)))
    np.testing.assert_allclose(bundle.golden.outputs, np.concatenate([1 - second, second], axis=1), atol=1e-5)
    with pytest.raises(ModelError, match="and 3 labels were told"):
        bundle_foreign(tmp_path / "theirs.keras", replace(told, labels=("a", "b", "c")), tmp_path / "b.kws")


def test_what_was_converted_elsewhere_tells_its_classes_itself(
    model_folder: ModelFolder, data: TaskData, tmp_path: Path
) -> None:
    inside = convert_folder(model_folder, "none", data=data)
    assert told_by_file(inside) is None  # the folder knows more
    alone = tmp_path / "elsewhere" / "none.tflite"
    alone.parent.mkdir()
    alone.write_bytes(inside.read_bytes())
    said = told_by_file(alone)
    assert said is not None
    told, _ = said
    assert (told.labels, told.features, told.takes_audio) == (LABELS, model_folder.config.features, False)
    assert verify_bundle(bundle_foreign(alone, told))[1].passed
