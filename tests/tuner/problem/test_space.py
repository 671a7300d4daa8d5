"""Spaces: what they contain, how values become networks, and that they survive JSON and keras-tuner."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from tfkws.config import ModelConfig
from tfkws.errors import SearchError
from tfkws.tuner.problem.built_in_spaces import SPACES, load_space
from tfkws.tuner.problem.known_costs import known_costs, seed_cnn_cost
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param

DOCS = Path(__file__).parents[3] / "docs" / "search.md"

# Paper B, Table II: convolutions and MFPOPS, which are 2 x MACs of the convolutions.
TABLE_II = {
    "3x3,40 3x3,30 1x1,30 5x5,50 5x5,50 5x5,50": 223.44,
    "5x5,40 3x3,50 1x1,30 5x5,40 3x3,50 5x5,50": 167.68,
    "5x5,50 1x1,30 5x5,40 3x3,20 5x5,30 3x3,50": 87.62,
    "5x5,20 3x3,40 3x3,40 3x3,20 3x3,40 3x3,40": 65.15,
    "3x3,40 1x1,20 1x1,20 3x3,20 5x5,20 3x3,30": 26.32,
    "5x5,50 1x1,40 1x1,50 1x1,20 3x3,20 3x3,20": 17.22,
}


def table_values(convs: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for unit, text in enumerate(convs.split(), start=1):
        kernel, filters = text.split(",")
        values |= {f"conv{unit}_k": int(kernel[0]), f"conv{unit}_m": int(filters)}
    return values


@pytest.mark.parametrize("convs", TABLE_II)
def test_the_papers_networks_are_in_the_table_space_at_the_papers_cost(convs: str) -> None:
    space = SPACES["paper-table"]
    values = table_values(convs)
    assert space.values_at(space.indices(values)) == values
    assert space.model_variant(values) == {"convs": convs}
    macs = known_costs(space, (40, 32, 1), 10)["macs"](values)
    dense = int(convs.rsplit(",", 1)[1]) * 10
    assert round(2 * (macs - dense) / 1e6, 2) == TABLE_II[convs]


def test_text_space_has_the_papers_bounds_and_begins_with_the_seed() -> None:
    space = SPACES["paper-text"]
    choices = {param.name: param.choices for param in space.params}
    assert (choices["conv1_kh"], choices["conv1_kw"]) == (tuple(range(1, 5)), tuple(range(1, 11)))
    assert all(choices[f"conv{u}_kh"] == choices[f"conv{u}_kw"] == (1, 2, 3, 4, 5) for u in range(2, 7))
    assert all(choices[f"conv{u}_m"] == tuple(range(1, 101)) for u in range(1, 7))
    seed = "4x10,100 3x3,100 3x3,100 3x3,100 3x3,100 3x3,100"
    assert [space.model_variant(values) for values in space.start] == [{"convs": seed}]
    macs, _ = seed_cnn_cost({"convs": seed}, (40, 32, 1), 10)
    assert round(2 * (macs - 1_000) / 1e6, 2) == 581.12


@pytest.mark.parametrize("name", SPACES)
def test_built_in_spaces_survive_json(name: str, tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    path.write_text(json.dumps(SPACES[name].to_dict()))
    assert load_space(str(path)).to_dict() == SPACES[name].to_dict()
    assert load_space(name) is SPACES[name]


def test_costs_are_those_of_the_built_network(rng: Any) -> None:
    from tfkws.cost import count
    from tfkws.models import build_model
    from tfkws.tuner.strategies.candidates import uniform

    for name in ("paper-table", "paper-text", "ds-cnn", "tc-resnet", "matchboxnet", "bc-resnet"):
        space = SPACES[name]
        values = uniform(space, rng)
        costs = known_costs(space, (40, 32, 1), 10)
        variant = space.model_variant(values)
        report = count(build_model(space.model, input_shape=(40, 32, 1), num_classes=10, **variant))
        assert (costs["macs"](values), costs["param_count"](values)) == (report.macs, report.params)


@pytest.mark.parametrize("name", ["ds-cnn", "tc-resnet", "matchboxnet", "bc-resnet"])
def test_per_layer_spaces_begin_with_the_published_network(name: str) -> None:
    from tfkws.cost import count
    from tfkws.models import build_model

    space = SPACES[name]
    published = count(build_model(space.model, (40, 32, 1), 10))
    costs = known_costs(space, (40, 32, 1), 10)
    assert (costs["macs"](space.start[0]), costs["param_count"](space.start[0])) == (published.macs, published.params)


@pytest.mark.parametrize("name", SPACES)
def test_the_cheapest_and_the_starting_candidate_can_be_built(name: str) -> None:
    from tfkws.models import build_model

    space = SPACES[name]
    costs = known_costs(space, (40, 32, 1), 10)
    cheapest = space.values_at([0] * len(space.params))
    for values in (cheapest, *space.start):
        network = build_model(space.model, input_shape=(40, 32, 1), num_classes=10, **space.model_variant(values))
        trainable = sum(math.prod(weight.shape) for weight in network.trainable_weights)
        assert costs["param_count"](values) == trainable
        assert costs["macs"](values) >= costs["macs"](cheapest)


def test_variants_are_filled_by_type_text_and_element() -> None:
    params = (integer_param("width", 8, 24, 8), Param("kind", ("a", "b")), Param("train.learning_rate", (1e-3, 1e-2)))
    variant = {
        "filters": ["{width}", 5], "name": "{kind}-{width}", "width": "{width}", "bias": True,
        "kernels": {"conv": ["{width}", 1]}, "fixed": {"conv": 5},
    }  # fmt: skip
    space = SearchSpace("s", "m", params, variant)
    values = {"width": 16, "kind": "b", "train.learning_rate": 1e-2}
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


@pytest.mark.parametrize("name", SPACES)
def test_a_trial_that_was_stopped_knows_its_network_again(name: str) -> None:
    """What its folder's config.json says of the network is what a new process makes of the same values."""
    space = SPACES[name]
    model = ModelConfig(space.model, space.model_variant(space.values_at([-1] * len(space.params))))
    assert ModelConfig.from_dict(json.loads(json.dumps(model.to_dict()))) == model


def test_a_network_in_a_line_is_its_text_or_the_values_that_size_its_layers() -> None:
    from tfkws.tuner.fronts.front import network_text
    from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
    from tfkws.tuner.problem.problem import Problem

    def text(space: SearchSpace) -> str:
        costs = known_costs(space, (40, 32, 1), 10)
        return network_text(space.values_at([0] * len(space.params)), Problem(space, (TOP1_ERROR, MACS), costs, {}))

    assert text(SPACES["paper-joint"]) == "3x3,10 1x1,10 1x1,10 1x1,10 1x1,10 1x1,10 0.002"
    assert text(SPACES["bc-resnet"]).startswith("stem_m 4, head_m 4, stage1_m 4")


def test_freezing_a_parameter() -> None:
    space = SPACES["paper-text"].freeze("conv1_kh", 3)
    assert space.params[0] == Param("conv1_kh", (3,)) and space.params[0].frozen
    assert 0 not in space.free and len(space.free) == 17
    assert space.start == ()  # the seed has 4 there
    assert space.contains(space.values_at([0] * 18)) and not space.contains(SPACES["paper-text"].start[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"params": [{"name": "a"}]}, "needs name and choices"),
        ({"params": [{"name": "a", "choices": []}]}, "at least one choice"),
        ({"params": [{"name": "a", "choices": [1, 1]}]}, "each once"),
        ({"params": [{"name": "a", "choices": [1]}] * 2}, "different names"),
        ({"variant": {"x": "{b}"}}, "{b}, which is none of"),
        ({"variant": {"x": {"y": [1, "{b}"]}}}, "{b}, which is none of"),
        ({"colour": 1}, r"Unknown: \['colour'\]"),
        ({"start": [{"a": 9}]}, "a must be one of"),
    ],
)
def test_bad_spaces_are_refused(change: dict[str, Any], message: str) -> None:
    good = {"name": "s", "model": "m", "params": [{"name": "a", "low": 1, "high": 3}]}
    assert SearchSpace.from_dict(good).params[0].choices == (1, 2, 3)
    with pytest.raises(SearchError, match=message):
        SearchSpace.from_dict(good | change)


def test_unknown_space_and_bad_file(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="paper-table"):
        load_space("paper-tabel")
    path = tmp_path / "list.json"
    path.write_text("[1]")
    with pytest.raises(SearchError, match="JSON object"):
        load_space(str(path))


def test_keras_tuner_and_back() -> None:
    from tfkws.tuner.problem.keras_tuner_space import from_hyperparameters, to_hyperparameters

    for space in SPACES.values():
        assert from_hyperparameters(to_hyperparameters(space)).params == space.params


def test_every_kind_of_keras_tuner_parameter() -> None:
    import keras_tuner

    from tfkws.tuner.problem.keras_tuner_space import CONTINUOUS_STEPS, from_hyperparameters

    hp = keras_tuner.HyperParameters()
    hp.Int("int", 2, 10, step=3)
    hp.Int("octaves", 4, 40, step=2, sampling="log")
    hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hp.Float("stepped", 0.0, 0.5, step=0.25)
    hp.Boolean("flag")
    hp.Fixed("fixed", "x")
    choices = {param.name: param.choices for param in from_hyperparameters(hp).params}
    assert choices["int"] == (2, 5, 8) and choices["octaves"] == (4, 8, 16, 32)
    assert choices["stepped"] == (0.0, 0.25, 0.5)
    assert choices["flag"] == (False, True) and choices["fixed"] == ("x",)
    assert len(choices["rate"]) == CONTINUOUS_STEPS
    assert choices["rate"][0] == pytest.approx(1e-4) and choices["rate"][-1] == pytest.approx(1e-1)
    assert choices["rate"][16] == pytest.approx((1e-4 * 1e-1) ** 0.5)
