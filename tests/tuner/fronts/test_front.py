"""The front of a search."""

from tfkws.tuner.fronts.front import network_text
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.known_costs import known_costs
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import SearchSpace


def test_a_network_in_a_line_is_its_text_or_the_values_that_size_its_layers() -> None:

    def text(space: SearchSpace) -> str:
        costs = known_costs(space, (40, 32, 1), 10)
        return network_text(space.values_at([0] * len(space.params)), Problem(space, (TOP1_ERROR, MACS), costs, {}))

    assert text(SPACES["paper-joint"]) == "3x3,10 1x1,10 1x1,10 1x1,10 1x1,10 1x1,10 0.002"
    assert text(SPACES["bc-resnet"]).startswith("stem_m 4, head_m 4, stage1_m 4")
