"""The networks against what others published or implemented."""

import json
from pathlib import Path

import keras  # noqa: TID253
import numpy as np
import pytest
from weightless import weightless

from tfkws.models.residual_blocks import make_divisible

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "costs.json").read_text())
COUNTS = ("params", "macs", "convolutions", "batch_norms", "dense_layers")
# Paper A's eight as counted on the public reference implementations, 32 x 32 x 1, 2 classes.
PAPER_A = {
    "dscnn": (2_225_858, 5_967_232, 52, 52, 1),
    "efficientnet_b1": (6_515_170, 12_540_384, 115, 69, 1),
    "efficientnet_b7": (63_790_930, 116_822_464, 273, 163, 1),
    "effnetv2_m": (53_510_170, 120_020_960, 160, 160, 89),
    "effnetv2_xl": (207_170_482, 404_338_944, 282, 282, 161),
    "densenet_bc_190_40": (25_605_462, 9_300_453_660, 189, 189, 1),
    "mnasnet1_0": (3_104_298, 6_245_632, 52, 52, 1),
    "cnn": (38_924_994, 415_834_112, 16, 16, 3),
}
# Trainable parameters of the public PyTorch releases, 3 channels, 1,000 classes.
RELEASED = {"dscnn": 3_504_872, "mnasnet1_0": 4_383_312}
RELEASED_SLOW = {
    "mnasnet0_5": 2_218_512,
    "mnasnet0_75": 3_170_208,
    "mnasnet1_3": 6_282_256,
    "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616,
    "efficientnet_b5": 30_389_784,
    "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960,
}
RELEASED_VGG = {"vgg11": 132_868_840, "vgg13": 133_053_736, "vgg16": 138_365_992, "cnn": 143_678_248}
# Rounded columns of the papers, thousands of parameters.
THOUSANDS = {
    "bc_resnet_1": 9.2,
    "bc_resnet_1_5": 17.2,
    "bc_resnet_2": 27.3,
    "bc_resnet_3": 54.2,
    "bc_resnet_6": 188,
    "bc_resnet_8": 321,
    "matchboxnet_3x1x64": 77,
    "matchboxnet_3x2x64": 93,
}
# TC-ResNet's paper counts the running statistics of the normalisations, too.
TC_RESNET_THOUSANDS = {"tc_resnet8": 66, "tc_resnet8_1_5": 145, "tc_resnet14": 137, "tc_resnet14_1_5": 305}


def trainable(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


@pytest.mark.parametrize("name", PAPER_A)
def test_the_arithmetic_meets_the_reference_counts_of_paper_a(name: str) -> None:
    assert tuple(GOLDEN[name][key] for key in COUNTS) == PAPER_A[name]


@pytest.mark.parametrize("name", [*RELEASED, *(pytest.param(name, marks=pytest.mark.slow) for name in RELEASED_SLOW)])
def test_parameters_are_those_of_public_releases(name: str) -> None:
    model = weightless(name, (32, 32, 3), 1000)
    assert trainable(model) == (RELEASED | RELEASED_SLOW)[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "params"), [("vgg11", 132_868_840), ("vgg13", 133_053_736), ("vgg16", 138_365_992), ("cnn", 143_678_248)]
)
def test_vgg_at_its_own_input_is_the_public_release(name: str, params: int) -> None:
    assert trainable(weightless(name, (224, 224, 3), 1000)) == params


@pytest.mark.parametrize("name", THOUSANDS)
def test_the_arithmetic_meets_the_rounded_columns(name: str) -> None:
    digits = 1 if THOUSANDS[name] < 60 else 0
    assert round(GOLDEN[name]["params"] / 1e3, digits) == THOUSANDS[name]


@pytest.mark.parametrize("name", TC_RESNET_THOUSANDS)
def test_tc_resnet_meets_its_papers_column(name: str) -> None:
    model = weightless(name, (40, 98, 1), 12)
    assert round(model.count_params() / 1e3) == TC_RESNET_THOUSANDS[name]


def test_mlperf_ds_cnn_has_2657_thousand_macs() -> None:
    assert round(GOLDEN["mlperf_ds_cnn"]["macs"] / 1e3) == 2_657


def convolutions(model: keras.Model) -> list[tuple]:
    kinds = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    return [
        (type(layer).__name__, layer.kernel_size, layer.strides, tuple(layer.output.shape[1:]))
        for layer in model.layers
        if isinstance(layer, kinds)
    ]


@pytest.mark.parametrize(
    ("name", "application", "options"),
    [
        ("dscnn", "MobileNetV2", {}),
        pytest.param("mobilenetv2_0_35", "MobileNetV2", {"alpha": 0.35}, marks=pytest.mark.slow),
        pytest.param("mobilenetv2_1_4", "MobileNetV2", {"alpha": 1.4}, marks=pytest.mark.slow),
        ("efficientnet_b0", "EfficientNetB0", {}),
        pytest.param("efficientnet_b1", "EfficientNetB1", {}, marks=pytest.mark.slow),
        pytest.param("efficientnet_b4", "EfficientNetB4", {}, marks=pytest.mark.slow),
        pytest.param("efficientnet_b7", "EfficientNetB7", {}, marks=pytest.mark.slow),
        pytest.param("vgg16", "VGG16", {}, marks=pytest.mark.slow),
        pytest.param("cnn", "VGG19", {}, marks=pytest.mark.slow),
    ],
)
def test_layer_by_layer_as_in_keras_applications(name: str, application: str, options: dict) -> None:
    shape = (64, 96, 3)
    theirs = getattr(keras.applications, application)(weights=None, input_shape=shape, classes=5, **options)
    ours = weightless(name, shape, 5)
    assert convolutions(ours) == convolutions(theirs)
    if not name.startswith(("vgg", "cnn")):
        assert trainable(ours) == trainable(theirs)


@pytest.mark.parametrize(
    ("value", "expected"), [(8, 8), (11.2, 16), (12, 16), (35.2, 32), (44.8, 48), (1, 8), (16.0, 16), (179.2, 176)]
)
def test_make_divisible_rounds_to_eights_and_loses_a_tenth_at_most(value: float, expected: int) -> None:
    assert make_divisible(value) == expected
