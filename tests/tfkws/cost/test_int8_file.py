"""What another filter or kernel adds to an int8 file, counted by hand; real files: test_footprint_costs.py."""

from typing import Any

import pytest

from tfkws.cost.int8_file import PADDING, resized_footprint
from tfkws.cost.report import Footprint

REFERENCE = Footprint(10_000, 10 * 4 * (4 + 8))  # two convolutions of 4 and 8 filters on maps of 10 x 4
CHANNEL = 4 + 4 + 2 * 12  # bias in int32 and float32; scale and zero point of kernel and bias


@pytest.fixture(scope="module")
def footprint() -> Any:
    from tfkws.models import build_model

    return resized_footprint(build_model("seed_cnn", (10, 8, 1), 3, convs="3x3,4 3x3,8"), REFERENCE)


@pytest.mark.parametrize(
    ("widths", "kernels", "added", "arena"),
    [
        ({}, {}, 0, 480),
        # Two more filters of 9 weights, which each of 8 filters of the second one reads by 9 more.
        ({"unit1_conv": 6}, {}, 2 * (9 + CHANNEL) + 2 * 9 * 8 + 2 * PADDING, 40 * (6 + 8)),
        # The dense layer has 3 classes.
        ({"unit2_conv": 7}, {}, -(4 * 9 + CHANNEL + 3) + 2 * PADDING, 40 * (4 + 7)),
        ({}, {"unit2_conv": (1, 5)}, (5 - 9) * 4 * 8 + PADDING, 480),
    ],
)
def test_what_a_size_adds(footprint: Any, widths: Any, kernels: Any, added: int, arena: int) -> None:
    found = footprint(widths, kernels)
    assert found.file_bytes == REFERENCE.file_bytes + added
    assert found.arena_bytes - found.arena_bytes % 40 <= arena <= found.arena_bytes < arena + 16


def test_a_file_that_needs_more_than_was_planned_is_believed() -> None:
    from tfkws.models import build_model

    network = build_model("seed_cnn", (10, 8, 1), 3, convs="3x3,4 3x3,8")
    twice = resized_footprint(network, Footprint(10_000, 2 * REFERENCE.arena_bytes))
    assert twice({}, {}).arena_bytes == 2 * REFERENCE.arena_bytes
    assert twice({"unit1_conv": 6, "unit2_conv": 6}, {}).arena_bytes == 2 * 40 * 12
