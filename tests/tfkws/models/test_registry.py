"""The registry is strict, and its refusals are sentences."""

import pytest

from tfkws.errors import ModelError, ShapeTooSmallError, UnknownModelError
from tfkws.models import build_model
from tfkws.models.family import Family
from tfkws.models.registry import FAMILIES

SHAPES = ((32, 32, 1), (40, 32, 1), (40, 98, 1), (49, 10, 1))
SMALL = ("kws12", "bc_resnet_1", "mlperf_ds_cnn", "tc_resnet8", "matchboxnet_3x1x64")


def test_an_unknown_name_lists_near_ones() -> None:
    with pytest.raises(UnknownModelError, match="'mobilenet'.*mobilenetv2_0_5"):
        build_model("mobilenet", (32, 32, 1), 2)


def test_an_unknown_parameter_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="no parameter 'widht'; the family mobilenet_v2 has width"):
        build_model("dscnn", (32, 32, 1), 2, widht=0.5)


@pytest.mark.parametrize(
    ("name", "variant"), [("cnn", {"depth": 12}), ("effnetv2_s", {"size": "xxl"}), ("tc_resnet8", {"width": 0.0})]
)
def test_values_that_no_network_has_are_refused(name: str, variant: dict) -> None:
    with pytest.raises(ModelError, match=f"{name} cannot be built with"):
        build_model(name, (40, 98, 1), 2, **variant)


@pytest.mark.parametrize("shape", [(32, 32), (0, 32, 1), (32, 32, 1, 1), (32.0, 32, 1)])
def test_a_shape_is_three_positive_integers(shape: tuple) -> None:
    with pytest.raises(ModelError, match="input_shape must be"):
        build_model("kws12", shape, 2)


@pytest.mark.parametrize("classes", [1, 0, 2.5])
def test_there_are_at_least_two_classes(classes: float) -> None:
    with pytest.raises(ModelError, match="num_classes must be"):
        build_model("kws12", (32, 32, 1), classes)  # type: ignore[arg-type]


def test_a_parameter_replaces_that_of_the_name() -> None:
    half = build_model("dscnn", (32, 32, 1), 2, width=0.35)
    assert half.count_params() == build_model("mobilenetv2_0_35", (32, 32, 1), 2).count_params()


@pytest.mark.parametrize(
    ("name", "shape", "layer"),
    [
        ("vgg11", (49, 10, 1), "stage4_pool"),
        ("vgg11", (31, 32, 1), "stage5_pool"),
        ("densenet_bc_100_12", (3, 9, 1), "stage2_transition_pool"),
    ],
)
def test_too_small_an_input_names_the_layer(name: str, shape: tuple[int, int, int], layer: str) -> None:
    variant = {"depth": 10} if name.startswith("densenet") else {}
    with pytest.raises(ShapeTooSmallError, match=f"Layer {layer} needs a map of at least 2x2"):
        build_model(name, shape, 2, **variant)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", SMALL)
def test_every_front_end_fits(name: str, shape: tuple[int, int, int]) -> None:
    assert build_model(name, shape, 12).output_shape == (None, 12)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_takes_every_front_end(family: Family, shape: tuple[int, int, int]) -> None:
    name = family.variants[0].name
    if family.name == "vgg" and min(shape[:2]) < 32:
        pytest.skip("five poolings need 32 rows and columns; test_too_small_an_input_names_the_layer")
    assert build_model(name, shape, 3).output_shape == (None, 3)
