from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfkws.errors import ConversionError
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model

LARGEST_ERROR = {"none": 1e-5, "float16": 1e-2, "dynamic": 1e-2, "int8": 0.02, "int16x8": 0.01}


@pytest.mark.parametrize("name", RECIPES)
def test_converted_model_answers_as_the_keras_model(
    name: str, converted: Callable[[str], TfliteFile], tiny_model: Any, maps: np.ndarray
) -> None:
    answers = open_model(converted(name), load_check=False).predict(maps)
    reference = np.asarray(tiny_model.predict_on_batch(maps))
    assert np.abs(answers - reference).max() <= LARGEST_ERROR[name]
    assert reference.std(axis=0).max() > 0.02  # the inputs tell the classes apart, so a constant answer would fail


@pytest.mark.parametrize("name", ["none", "int8"])
def test_same_input_gives_the_same_bytes(
    name: str, converted: Callable[[str], TfliteFile], tiny_model: Any, maps: np.ndarray
) -> None:
    assert convert(tiny_model, RECIPES[name], maps) == converted(name)


def test_conversion_prints_nothing(tiny_model: Any, maps: np.ndarray, capfd: pytest.CaptureFixture[str]) -> None:
    convert(tiny_model, RECIPES["int8"], maps[:4])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("calibration", [None, np.zeros((0, 8, 6, 1), np.float32), np.zeros((4, 6, 8, 1), np.float32)])
def test_missing_or_foreign_calibration_is_refused(calibration: Any, tiny_model: Any) -> None:
    with pytest.raises(ConversionError, match=r"calibration inputs of shape \(n, 8, 6, 1\)"):
        convert(tiny_model, RECIPES["int8"], calibration)


def test_calibration_must_be_finite(tiny_model: Any, maps: np.ndarray) -> None:
    with pytest.raises(ConversionError, match="finite"):
        convert(tiny_model, RECIPES["int8"], np.full_like(maps, np.nan))


def test_an_operator_without_int8_form_is_refused_in_one_sentence(maps: np.ndarray) -> None:
    import keras

    inputs = keras.Input((8, 6, 1))
    outputs = keras.layers.Flatten()(keras.ops.erfinv(inputs))
    with pytest.raises(ConversionError, match="cannot be converted with recipe int8"):
        convert(keras.Model(inputs, outputs, name="odd"), RECIPES["int8"], maps)


def test_two_inputs_are_refused(maps: np.ndarray) -> None:
    import keras

    first, second = keras.Input((2,)), keras.Input((2,))
    model = keras.Model([first, second], keras.layers.Add()([first, second]), name="pair")
    with pytest.raises(ConversionError, match="one input and one output"):
        convert(model, RECIPES["none"])
