"""Costs before training are those of the built networks."""

from typing import Any

from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.known_costs import known_costs


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
