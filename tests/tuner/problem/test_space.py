"""Spaces: what they contain, how values become networks, and that they survive JSON and keras-tuner."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import SearchError
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.known_costs import known_costs
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.records.trials import Values

DOCS = Path(__file__).parents[3] / "docs" / "search.md"

# Paper B, Table II: convolutions and MFPOPS, which are 2 x MACs of the convolutions.


def test_variants_are_filled_by_type_text_and_element() -> None:
    params = (integer_param("width", 8, 24, 8), Param("kind", ("a", "b")), Param("train.learning_rate", (1e-3, 1e-2)))
    variant = {
        "filters": ["{width}", 5], "name": "{kind}-{width}", "width": "{width}", "bias": True,
        "kernels": {"conv": ["{width}", 1]}, "fixed": {"conv": 5},
    }  # fmt: skip
    space = SearchSpace("s", "m", params, variant)
    values: Values = {"width": 16, "kind": "b", "train.learning_rate": 1e-2}
    assert space.model_variant(values) == {
        "filters": [16, 5], "name": "b-16", "width": 16, "bias": True,
        "kernels": {"conv": [16, 1]}, "fixed": {"conv": 5},
    }  # fmt: skip
    assert space.training_settings(values) == {"learning_rate": 1e-2}
    assert space.size == 3 * 2 * 2


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", DOCS.read_text(), flags=re.DOTALL))
def test_spaces_of_the_documentation(block: str) -> None:
    space = SearchSpace.from_dict(json.loads(block))
    macs = known_costs(space, (40, 32, 1), 10)["macs"]
    assert 0 < macs(space.values_at([0] * len(space.params))) < macs(space.values_at([-1] * len(space.params)))


def test_freezing_a_parameter() -> None:
    space = SPACES["paper-text"].freeze("conv1_kh", 3)
    assert space.params[0] == Param("conv1_kh", (3,)) and space.params[0].frozen
    assert 0 not in space.free and len(space.free) == 17
    assert space.start == ()  # the seed has 4 there
    assert space.contains(space.values_at([0] * 18)) and not space.contains(SPACES["paper-text"].start[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"params": [{"name": "a"}]}, "lacks low, high"),
        ({"params": [{"name": "a", "choices": []}]}, "at least one choice"),
        ({"params": [{"name": "a", "choices": [1, 1]}]}, "each once"),
        ({"params": [{"name": "a", "choices": [1]}] * 2}, "different names"),
        ({"variant": {"x": "{b}"}}, "{b}, which is none of"),
        ({"variant": {"x": {"y": [1, "{b}"]}}}, "{b}, which is none of"),
        ({"colour": 1}, "has no setting 'colour'"),
        ({"modle": "m"}, "Did you mean 'model'"),
        ({"model": 3}, "SearchSpace.model must be text"),
        ({"params": 3}, "SearchSpace.params must be a tuple"),
        ({"params": [3]}, "SearchSpace.params must be a tuple"),
        ({"params": [{"name": "a", "low": "1", "high": 3}]}, "low must be a whole number"),
        ({"params": [{"name": "a", "low": 1, "high": 3, "step": 0}]}, "step must be at least 1"),
        ({"params": [{"name": "train.learning_rat", "choices": [1e-3]}]}, "Did you mean 'train.learning_rate'"),
        ({"params": [{"name": "train.learning_rate", "choices": ["fast"]}]}, "train.learning_rate must be a number"),
        ({"params": [{"name": "train.schedule", "choices": ["linaer"]}]}, "train.schedule must be constant, cosine"),
        ({"params": [{"name": "train.batch_size", "choices": [0, 100]}]}, "train.batch_size must be at least 1"),
        ({"start": [{"a": 9}]}, "a must be one of"),
    ],
)
def test_bad_spaces_are_refused(change: dict[str, Any], message: str) -> None:
    good = {"name": "s", "model": "m", "params": [{"name": "a", "low": 1, "high": 3}]}
    assert SearchSpace.from_dict(good).params[0].choices == (1, 2, 3)
    with pytest.raises(SearchError, match=message):
        SearchSpace.from_dict(good | change)
