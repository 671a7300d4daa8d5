"""The built-in spaces: the paper's networks and bounds, published networks, and what survives JSON."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tfkws.config import ModelConfig
from tfkws.errors import SearchError, TfkwsError
from tfkws.tuner.problem.built_in_spaces import SPACES, load_space
from tfkws.tuner.problem.known_costs import known_costs, seed_cnn_cost

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


@pytest.mark.parametrize("name", ["ds-cnn", "tc-resnet", "matchboxnet", "bc-resnet"])
def test_per_layer_spaces_begin_with_the_published_network(name: str) -> None:
    from weightless import weightless

    from tfkws.cost import count

    space = SPACES[name]
    published = count(weightless(space.model, (40, 32, 1), 10))
    costs = known_costs(space, (40, 32, 1), 10)
    assert (costs["macs"](space.start[0]), costs["param_count"](space.start[0])) == (published.macs, published.params)


@pytest.mark.parametrize("name", SPACES)
def test_the_cheapest_and_the_starting_candidate_can_be_built(name: str) -> None:
    from weightless import weightless

    space = SPACES[name]
    costs = known_costs(space, (40, 32, 1), 10)
    cheapest = space.values_at([0] * len(space.params))
    for values in (cheapest, *space.start):
        network = weightless(space.model, input_shape=(40, 32, 1), num_classes=10, **space.model_variant(values))
        trainable = sum(math.prod(weight.shape) for weight in network.trainable_weights)
        assert costs["param_count"](values) == trainable
        assert costs["macs"](values) >= costs["macs"](cheapest)


@pytest.mark.parametrize("name", SPACES)
def test_a_trial_that_was_stopped_knows_its_network_again(name: str) -> None:
    """What its folder's config.json says of the network is what a new process makes of the same values."""
    space = SPACES[name]
    model = ModelConfig(space.model, space.model_variant(space.values_at([-1] * len(space.params))))
    assert ModelConfig.from_dict(json.loads(json.dumps(model.to_dict()))) == model


def test_unknown_space_and_bad_file(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="Did you mean 'paper-table'"):
        load_space("paper-tabel")
    path = tmp_path / "list.json"
    path.write_text("[1]")
    with pytest.raises(SearchError, match="JSON object"):
        load_space(str(path))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"low": 8, "high": 32, "stepp": 8}, "has no setting 'stepp'"),
        ({"low": 8, "high": 32, "sampling": "log"}, "has no setting 'sampling'"),
        ({"choices": [8, 16], "condition": {"a": 1}}, "has no setting 'condition'"),
        ({"choices": [8, None]}, "be a number"),
        ({"choices": [8, "x" * 9_000]}, r"must be all numbers, all text, or all true and false\. Received .{1,99}$"),
        ({"name": "x" * 9_000, "choices": [8, 9]}, "a parameter's name may have 200 letters at most"),
        ({"choices": [8, "wide"]}, "must be all numbers, all text, or all true and false"),
        ({"choices": [True, 8]}, "must be all numbers"),
        ({"low": 1, "high": 10**9}, "must have at most 10,000 choices; give a larger step"),
        ({"low": 10**400, "high": 10**400 + 1}, "low must lie in|is no such JSON|JSON"),
        ({"low": 9, "high": 1}, "low at most high"),
        ({"choices": [1e300, 1.0]}, "must lie within"),
    ],
)
def test_bad_parameters_of_a_file_are_one_sentence(row: dict[str, object], sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    space = {"name": "n", "model": "seed_cnn", "variant": {"convs": "3x3,{width}"}}
    path.write_text(json.dumps(space | {"params": [{"name": "width"} | row]}))
    with pytest.raises(TfkwsError, match=sentence):
        load_space(str(path))


@pytest.mark.parametrize("variant", [{}, {"variant": {"convs": "3x3,8"}}])
def test_a_parameter_that_changes_nothing_is_refused(variant: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    params = [{"name": "width", "choices": [8, 16]}, {"name": "train.learning_rate", "choices": [0.1]}]
    path.write_text(json.dumps({"name": "n", "model": "seed_cnn", "params": params} | variant))
    with pytest.raises(SearchError, match="parameters that change nothing: width; name each in braces"):
        load_space(str(path))


@pytest.mark.parametrize("key", ["start", "params", "variant"])
def test_a_deeply_nested_file_is_refused(key: str, tmp_path: Path) -> None:
    path = tmp_path / "space.json"
    path.write_text('{"name": "n", "model": "seed_cnn", "' + key + '": ' + "[" * 50_000 + "]" * 50_000 + "}")
    with pytest.raises(TfkwsError):
        load_space(str(path))
