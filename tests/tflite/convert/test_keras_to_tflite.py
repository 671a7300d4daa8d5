import numpy as np
import pytest

from tfkws.errors import ConfigError, ConversionError
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.recipes import RECIPES, ConversionRecipe, get_recipe
from tfkws.tflite.runtime.model import open_model

LARGEST_ERROR = {"none": 1e-5, "float16": 1e-2, "dynamic": 1e-2, "int8": 0.02, "int16x8": 0.01}


@pytest.mark.parametrize("name", RECIPES)
def test_converted_model_answers_as_the_keras_model(name, converted, tiny_model, maps):
    answers = open_model(converted(name), load_check=False).predict(maps)
    reference = np.asarray(tiny_model.predict_on_batch(maps))
    assert np.abs(answers - reference).max() <= LARGEST_ERROR[name]
    assert reference.std(axis=0).max() > 0.02  # the inputs tell the classes apart, so a constant answer would fail


@pytest.mark.parametrize(
    ("name", "scheme", "types"),
    [
        ("none", "float32", ("float32", "float32")),
        ("float16", "float16 weights", ("float32", "float32")),
        ("int8", "int8", ("int8", "int8")),
        ("int16x8", "int16 activations, int8 weights", ("int16", "int16")),
    ],
)
def test_contents_are_read_from_the_file(name, scheme, types, converted):
    contents = converted(name).contents
    assert contents.scheme == scheme
    assert (contents.input_dtype, contents.output_dtype) == types
    assert contents.operators["CONV_2D"] == 1
    assert contents.operators["FULLY_CONNECTED"] == 1


def test_weight_bytes_are_those_of_the_kernels(converted):
    weights = 3 * 3 * 1 * 4 + 4 * 3
    assert converted("none").contents.weight_bytes == {"float32": 4 * weights}
    assert converted("float16").contents.weight_bytes == {"float16": 2 * weights}
    assert converted("int8").contents.weight_bytes == {"int8": weights}


def test_small_weights_stay_float_in_a_dynamic_file_and_the_scheme_says_so(converted):
    assert converted("dynamic").contents.scheme == "float32"  # 48 weights are below the converter's 1,024


@pytest.mark.parametrize("name", ["none", "int8"])
def test_same_input_gives_the_same_bytes(name, converted, tiny_model, maps):
    assert convert(tiny_model, RECIPES[name], maps) == converted(name)


def test_conversion_prints_nothing(tiny_model, maps, capfd):
    convert(tiny_model, RECIPES["int8"], maps[:4])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("calibration", [None, np.zeros((0, 8, 6, 1), np.float32), np.zeros((4, 6, 8, 1), np.float32)])
def test_missing_or_foreign_calibration_is_refused(calibration, tiny_model):
    with pytest.raises(ConversionError, match=r"calibration inputs of shape \(n, 8, 6, 1\)"):
        convert(tiny_model, RECIPES["int8"], calibration)


def test_calibration_must_be_finite(tiny_model, maps):
    with pytest.raises(ConversionError, match="finite"):
        convert(tiny_model, RECIPES["int8"], np.full_like(maps, np.nan))


def test_an_operator_without_int8_form_is_refused_in_one_sentence(maps):
    import keras

    inputs = keras.Input((8, 6, 1))
    outputs = keras.layers.Flatten()(keras.ops.erfinv(inputs))
    with pytest.raises(ConversionError, match="cannot be converted with recipe int8"):
        convert(keras.Model(inputs, outputs, name="odd"), RECIPES["int8"], maps)


def test_two_inputs_are_refused(maps):
    import keras

    first, second = keras.Input((2,)), keras.Input((2,))
    model = keras.Model([first, second], keras.layers.Add()([first, second]), name="pair")
    with pytest.raises(ConversionError, match="one input and one output"):
        convert(model, RECIPES["none"])


def test_unknown_recipe_names_the_near_one():
    with pytest.raises(ConfigError, match="Did you mean 'int8'"):
        get_recipe("int9")


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_recipe_survives_json(recipe):
    assert ConversionRecipe.from_dict(recipe.to_dict()) == recipe
