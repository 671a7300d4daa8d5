"""Every recipe on a small network of each family, with weights as unlike each other as after training."""

from functools import cache
from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest

from tfkws.models import build_model
from tfkws.models.registry import entries
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.runtime_agreement import compare_runtimes
from tfkws.tflite.file.tflite_file import tflite_file
from tfkws.tflite.quantize.layer_errors import signal_to_noise_db
from tfkws.tflite.recipes import RECIPES, with_remedies
from tfkws.tflite.runtime.model import open_model

FAST = ("mlperf_ds_cnn",)
SLOW = (
    "kws12", "tc_resnet8", "bc_resnet_1", "matchboxnet_3x1x64", "mobilenetv2_0_35", "mnasnet0_5", "efficientnet_b0",
    "effnetv2_s", "densenet_bc_100_12", "vgg11", "mixednet",
)  # fmt: skip
NETWORKS = [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
SCHEMES = {"int8": "int8", "int16x8": "int16 activations, int8 weights", "none": "float32"}
LEAST_DB = {"none": 90, "float16": 40, "dynamic": 15, "int8": 15, "int16x8": 30}
CALIBRATION, JUDGED = 16, 4


@cache
def network(name: Any) -> Any:
    """A network of the zoo whose normalisations and biases are not the identity, with inputs."""
    family = entries()[name].family
    model = build_model(name, family.input_shape, 4)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.8, 1.2, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias"):
            weight.assign(rng.normal(0.0, 0.1, weight.shape))
    return model, rng.normal(size=(CALIBRATION, *family.input_shape)).astype(np.float32)


def test_every_family_is_here() -> None:
    named = {entries()[name].family.name for name in (*FAST, *SLOW)}
    assert named == {entry.family.name for entry in entries().values()}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_converts_and_answers_alike(name: str, recipe: Any) -> None:
    model, inputs = network(name)
    content = convert(model, RECIPES[recipe], inputs)
    if recipe in SCHEMES:
        assert tflite_file(content).contents.scheme == SCHEMES[recipe]
    answers = open_model(content, load_check=False).predict(inputs[:JUDGED])
    expected = np.asarray(model(inputs[:JUDGED], training=False))
    assert signal_to_noise_db(expected, answers) > LEAST_DB[recipe]
    assert all(answer.accepted for answer in compare_runtimes(content, inputs[:1]))
    keras.backend.clear_session()


@pytest.mark.parametrize("name", NETWORKS)
def test_all_remedies_together_convert_and_answer_alike(name: str) -> None:
    model, inputs = network(name)
    recipe = with_remedies("int8", ranges="percentile", equalise=True, correct_bias=True, keep_float=("logits",))
    content = convert(model, recipe, inputs)
    answers = open_model(content, load_check=False).predict(inputs[:JUDGED])
    assert signal_to_noise_db(np.asarray(model(inputs[:JUDGED], training=False)), answers) > LEAST_DB["int8"]
    assert all(answer.accepted for answer in compare_runtimes(content, inputs[:1]))
