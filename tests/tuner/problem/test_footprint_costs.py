"""File size and arena before training: those of files that are really converted, never below, hardly above."""

import json
from typing import Any

import numpy as np
import pytest

from tfkws.cost.report import Footprint
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.footprint_costs import footprint_costs, micro_arena_costs

SHAPE = (40, 32, 1)
CLASSES = 10
SHARE_ABOVE, BYTES_ABOVE = 0.01, 1_500  # of the file, whichever is more


def values_at(space: Any, place: float | None) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    last = [len(param.choices) - 1 for param in space.params]
    indices = [int(rng.integers(n + 1)) if place is None else round(place * n) for n in last]
    return {param.name: param.choices[i] for param, i in zip(space.params, indices, strict=True)}


@pytest.mark.parametrize(
    "name",
    [
        "paper-table",
        "paper-text",
        "ds-cnn",
        "tc-resnet",
        "matchboxnet",
        pytest.param("bc-resnet", marks=pytest.mark.slow),
    ],
)
def test_files_are_as_large_as_was_known_or_a_little_smaller(name: str) -> None:
    from tfkws.models import build_model
    from tfkws.pipeline.parts.footprints import measure_footprint

    space = SPACES[name]
    costs = footprint_costs(space, SHAPE, CLASSES, measure_footprint)
    for place in (0.0, None, 0.7):
        values = values_at(space, place)
        real = measure_footprint(build_model(space.model, SHAPE, CLASSES, **space.model_variant(values)))
        known = 1024 * costs["file_kib"](values)
        assert real.file_bytes <= known <= real.file_bytes + max(SHARE_ABOVE * real.file_bytes, BYTES_ABOVE)
        assert 1024 * costs["arena_kib"](values) == real.arena_bytes


def test_a_structure_is_measured_once_and_what_is_added_counts() -> None:
    space, measured = SPACES["paper-table"], []

    def measure(model: Any) -> Footprint:
        measured.append(model.name)
        return Footprint(20_000, 20 * 1024)

    plain = footprint_costs(space, SHAPE, CLASSES, measure)
    more = footprint_costs(space, SHAPE, CLASSES, measure, added_bytes=2048)
    several = [values_at(space, place) for place in (0.0, 0.3, None, 1.0)]
    sizes = [plain["file_kib"](values) for values in several]
    assert len(measured) == 1 and len(set(sizes)) == 4
    assert [more["file_kib"](values) - 2 for values in several] == pytest.approx(sizes)
    assert json.dumps(sizes)  # plain numbers


@pytest.mark.parametrize(("name", "least", "most"), [
    ("paper-table", 0.0, 0.002), ("ds-cnn", 0.0, 0.004), ("matchboxnet", 0.0, 0.015), ("tc-resnet", -0.08, 0.08),
])  # fmt: skip
def test_the_arena_in_tensorflow_lite_micro_is_known_before_training(name: str, least: float, most: float) -> None:
    """As docs/search.md says: to a share above what its own interpreter asks for."""
    pytest.importorskip("tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'")
    from tfkws.models import build_model
    from tfkws.pipeline.parts.footprints import measure_on_micro

    space = SPACES[name]
    costs = micro_arena_costs(space, SHAPE, CLASSES, measure_on_micro)
    for place in (None, 0.7):
        values = values_at(space, place)
        real = measure_on_micro(build_model(space.model, SHAPE, CLASSES, **space.model_variant(values)))
        assert least <= costs["arena_kib@micro"](values) / real.arena_kib - 1 <= most
