"""A converted file that lies outside of its model folder."""

import numpy as np
import pytest

from tfkws.config import ConversionSettings, InputKind
from tfkws.data.batches import feature_map
from tfkws.data.task_data import TaskData
from tfkws.errors import ModelError
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.parts.detector import open_detector
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.recipes import RECIPES
from tfkws.training.model_folder import ModelFolder, predict_in_chunks

LABELS = ("yes", "no", "_unknown_")
KINDS: tuple[InputKind, ...] = ("features", "audio")


def test_a_file_says_what_it_is_and_is_scored_outside_of_its_folder(
    model_folder: ModelFolder, data: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for kind in KINDS:
        path = convert_folder(model_folder, "none", ConversionSettings(kind), data=data)
        alone = tmp_path_factory.mktemp("alone") / "x.tflite"
        alone.write_bytes(path.read_bytes())
        detector = open_detector(alone)
        assert (detector.labels, detector.task) == (LABELS, model_folder.config.task)
        assert (detector.features, detector.synthetic_speech) == (model_folder.config.features, True)
        expected = predict_in_chunks(
            model_folder.load_keras(), feature_map(data.splits["testing"], model_folder.config.features)
        )
        np.testing.assert_allclose(detector.answer(data.splits["testing"]), expected, atol=1e-4)


def test_a_lone_file_without_metadata_is_refused_with_a_sentence(
    model_folder: ModelFolder, data: TaskData, tmp_path_factory: pytest.TempPathFactory
) -> None:
    alone = tmp_path_factory.mktemp("alone") / "x.tflite"
    alone.write_bytes(convert(model_folder.load_keras(), RECIPES["none"]).content)
    with pytest.raises(ModelError, match="no metadata of tfkws and lies in no model folder"):
        open_detector(alone)
