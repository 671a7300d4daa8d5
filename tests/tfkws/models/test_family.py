"""A family refuses in one sentence what it cannot build."""

import dataclasses
from typing import Any

import pytest

from tfkws.errors import ModelError
from tfkws.models.family import Family, Variant, index
from tfkws.models.registry import FAMILIES


def test_two_variants_of_one_name_are_refused() -> None:
    family = FAMILIES[0]
    twin = dataclasses.replace(family, name="twin", variants=(Variant("kws1", "again"),))
    with pytest.raises(ModelError, match="kws1 is registered by both seed_cnn and twin"):
        index((family, twin))


class FakeNetwork:
    """Keeps the arguments that it was built with."""

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        self.arguments = arguments
        self.name = ""


def build_fake(input_shape: tuple[int, ...], num_classes: int, width: float = 1.0, depth: int = 2) -> FakeNetwork:
    if depth == 0:
        raise ZeroDivisionError("a depth of nothing")
    return FakeNetwork((input_shape, num_classes, width, depth))


HALF = Variant("fake_half", "half as wide", {"width": 0.5})
FAKE = Family("fake", "no paper", build_fake, (4, 4, 1), 3, (Variant("fake", "as it is"), HALF))


def test_overrides_come_before_the_variants_values_and_those_before_defaults() -> None:
    entry = index([FAKE])["fake_half"]
    network = entry.build((8, 8, 1), 5, {"depth": 7})
    assert network.arguments == ((8, 8, 1), 5, 0.5, 7)
    assert network.name == entry.name == "fake_half"
    assert entry.build((8, 8, 1), 5, {"width": 2.0}).arguments == ((8, 8, 1), 5, 2.0, 2)


def test_every_variant_is_indexed_in_order() -> None:
    assert list(index([FAKE])) == ["fake", "fake_half"]


@pytest.mark.parametrize(
    ("shape", "classes", "overrides", "sentence"),
    [
        ((8, 8), 5, {}, "input_shape must be"),
        ((8, 8, 1), 1, {}, "num_classes must be"),
        (
            (8, 8, 1),
            5,
            {"dpeth": 1},
            "fake has no parameter 'dpeth'; the family fake has width, depth, widths",
        ),
        ((8, 8, 1), 5, {"depth": 0}, r"fake cannot be built with \{'depth': 0\} \(a depth of nothing\)"),
    ],
)
def test_refusals_name_the_network_and_the_value(
    shape: tuple[int, ...], classes: int, overrides: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ModelError, match=sentence):
        index([FAKE])["fake"].build(shape, classes, overrides)
