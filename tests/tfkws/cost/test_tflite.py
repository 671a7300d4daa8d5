"""Counting .tflite files: every recipe of one network gives the counts of its Keras model."""

from pathlib import Path

import keras  # noqa: TID253
import numpy as np
import pytest
from odd_files import odd_file

from tfkws.cost import count
from tfkws.cost.folding import folded_params
from tfkws.errors import TfliteFileError
from tfkws.models import build_model
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.recipes import RECIPES

INPUT = (49, 10, 1)
BYTES = {"none": 4, "float16": 2, "int8": 1}  # of one weight of a convolution


@pytest.fixture(scope="module")
def model() -> keras.Model:
    network = build_model("mlperf_ds_cnn", INPUT, 12)
    rng = np.random.default_rng(0)
    for weight in network.weights:
        weight.assign(rng.uniform(0.1, 0.3, weight.shape))
    return network


@pytest.fixture(scope="module")
def files(model: keras.Model) -> dict[str, bytes]:
    calibration = np.random.default_rng(0).normal(size=(4, *INPUT)).astype(np.float32)
    return {name: convert(model, recipe, calibration).content for name, recipe in RECIPES.items()}


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_has_the_macs_and_folded_parameters(model: keras.Model, files: dict, recipe: str) -> None:
    report = count(files[recipe])
    assert report.source == "tflite"
    assert report.input_shape == INPUT
    assert report.macs == count(model).macs == 2_656_768
    assert report.params == folded_params(model)
    assert report.fpops_eq1 == count(model).fpops_eq1


@pytest.mark.parametrize("recipe", BYTES)
def test_weights_are_as_large_as_their_format(files: dict, recipe: str) -> None:
    rows = {row.name: row for row in count(files[recipe]).rows}
    bias_bytes = 2 if recipe == "float16" else 4
    assert rows["stage1_block1_pointwise"].weight_bytes == 64 * 64 * BYTES[recipe] + 64 * bias_bytes


def test_activations_shrink_with_int8(files: dict) -> None:
    assert count(files["none"]).peak_activation_bytes == 2 * 25 * 5 * 64 * 4
    assert count(files["int8"]).peak_activation_bytes == 2 * 25 * 5 * 64


def test_rows_are_named_as_the_layers(model: keras.Model, files: dict) -> None:
    layers = {layer.name for layer in model.layers}
    names = [row.name for row in count(files["none"]).rows]
    assert [name for name in names if name not in layers] == ["Identity"]  # the output: converters rename it
    assert names[:3] == ["stem_conv", "stage1_block1_depthwise", "stage1_block1_pointwise"]


def test_zero_is_always_declared(files: dict) -> None:
    for content in files.values():
        for row in count(content).rows:
            assert bool(row.macs) != bool(row.zero_reason), row.name


def test_a_path_is_counted_as_its_bytes(files: dict, tmp_path: Path) -> None:
    path = tmp_path / "some.tflite"
    path.write_bytes(files["none"])
    report = count(path)
    assert report.name == "some.tflite"
    assert report.rows == count(files["none"]).rows == count(str(path)).rows


def test_an_operator_without_a_rule_costs_its_cell_and_is_named() -> None:
    report = count(odd_file("custom_operator"))
    assert [(row.macs, row.layer_class) for row in report.rows] == [(0, "Activation"), (None, "Unknown")]
    assert (report.macs, report.uncounted) == (0, ("t2",))
    assert report.notes == ("StrangeOperator is not counted: what a custom operator computes is not in the file",)
    assert report.to_dict()["notes"] == list(report.notes)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TfliteFileError):
        count(tmp_path / "none.tflite")
