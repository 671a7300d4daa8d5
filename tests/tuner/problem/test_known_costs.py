"""Costs before training: those of the built networks, of paper B's table, and of nested loops."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tfkws.models.conv_units import ConvUnit, decode_units
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.known_costs import conv_macs, known_costs


def test_costs_are_those_of_the_built_network(rng: Any) -> None:
    from weightless import weightless

    from tfkws.cost import count
    from tfkws.tuner.strategies.candidates import uniform

    for name in ("paper-table", "paper-text", "ds-cnn", "tc-resnet", "matchboxnet", "bc-resnet"):
        space = SPACES[name]
        values = uniform(space, rng)
        costs = known_costs(space, (40, 32, 1), 10)
        variant = space.model_variant(values)
        report = count(weightless(space.model, input_shape=(40, 32, 1), num_classes=10, **variant))
        assert (costs["macs"](values), costs["param_count"](values)) == (report.macs, report.params)


def test_the_seed_costs_what_table_i_prints() -> None:
    seed = decode_units("4x10,100 3x3,100 3x3,100 3x3,100 3x3,100 3x3,100")
    assert 2 * conv_macs(seed, (40, 32, 1)) == 581_120_000


@settings(deadline=None)  # the machine may be busy
@given(
    st.lists(st.builds(ConvUnit, *[st.integers(1, 3)] * 5), min_size=1, max_size=3).map(tuple),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_cost_is_that_of_nested_loops(rows: tuple[ConvUnit, ...], height: int, width: int) -> None:
    total, channels, h, w = 0, 1, height, width
    for row in rows:
        points = [(y, x) for y in range(0, h, row.stride_height) for x in range(0, w, row.stride_width)]
        total += sum(row.kernel_height * row.kernel_width * channels for _ in points for _ in range(row.filters))
        h, w = len(range(0, h, row.stride_height)), len(range(0, w, row.stride_width))
        channels = row.filters
    assert conv_macs(rows, (height, width, 1)) == total
