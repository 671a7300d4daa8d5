"""Peak activation memory against examples on paper and a slow simulation; the arena by what a plan must hold to."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfkws.cost.activation_memory import ALIGNMENT, Block, Step, _blocks, arena_bytes, lowest_gap, peak_bytes

Schedule = tuple[list[Step], dict[Any, int], list[Any]]  # steps, bytes of each tensor, outputs


def test_a_chain_holds_two_neighbours() -> None:
    steps = [Step(("in",), ("a",)), Step(("a",), ("b",)), Step(("b",), ("c",))]
    assert peak_bytes(steps, {"in": 10, "a": 40, "b": 30, "c": 5}, ["c"]) == 70


def test_a_residual_keeps_its_input_alive() -> None:
    steps = [Step(("in",), ("a",)), Step(("a",), ("b",)), Step(("in", "b"), ("c",))]
    assert peak_bytes(steps, {"in": 10, "a": 40, "b": 30, "c": 5}, ["c"]) == 80


def test_a_result_lives_to_the_end() -> None:
    steps = [Step(("in",), ("early",)), Step(("in",), ("a",)), Step(("a",), ("b",))]
    assert peak_bytes(steps, {"in": 1, "early": 100, "a": 10, "b": 10}, ["early", "b"]) == 120


def test_in_place_adds_nothing() -> None:
    assert peak_bytes([Step(("in",), ("a",)), Step(("a",), ("a",))], {"in": 3, "a": 4}, ["a"]) == 7


def test_nothing_happens() -> None:
    assert peak_bytes([], {}, []) == 0


@settings(deadline=None)
@given(st.data())
def test_as_a_simulation_that_looks_ahead(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 6))
    sizes = {tensor: data.draw(st.integers(1, 9)) for tensor in range(length + 1)}
    reads = [data.draw(st.sets(st.integers(0, step), min_size=1, max_size=3)) for step in range(length)]
    steps = [Step(tuple(read), (number + 1,)) for number, read in enumerate(reads)]
    needed = []
    for now in range(length):
        later = {tensor for read in reads[now:] for tensor in read} | {length}
        made = {tensor for tensor in range(now + 1) if tensor > 0 or any(0 in read for read in reads)}
        needed.append(sum(sizes[tensor] for tensor in (made & later) | {now + 1}))
    assert peak_bytes(steps, sizes, [length]) == max(needed)


def chain(sizes: list[int]) -> Schedule:
    """A network without branches: tensor i becomes tensor i + 1."""
    return [Step((i,), (i + 1,)) for i in range(len(sizes) - 1)], dict(enumerate(sizes)), [len(sizes) - 1]


@given(st.lists(st.integers(1, 64).map(lambda n: n * ALIGNMENT), min_size=2, max_size=8))
def test_a_narrowing_chain_needs_its_first_two(sizes: list[int]) -> None:
    """Each tensor takes the place of the one before the last; sizes that rise and fall may leave gaps."""
    ordered = sorted(sizes, reverse=True)
    assert arena_bytes(*chain(ordered)) == ordered[0] + ordered[1]


def test_a_kept_branch_counts_until_it_is_read() -> None:
    steps = [Step(("in",), ("a",)), Step(("a",), ("b",)), Step(("b",), ("c",)), Step(("a", "c"), ("out",))]
    assert arena_bytes(steps, {"in": 16, "a": 160, "b": 320, "c": 32, "out": 16}, ["out"]) == 160 + 320 + 32


def test_sizes_are_rounded_up_to_the_alignment_where_another_follows() -> None:
    assert arena_bytes([Step(("in",), ("out",))], {"in": 5, "out": 3}, ["out"]) == 16 + 3


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    count = draw(st.integers(2, 7))
    steps = []
    for number in range(1, count):
        inputs = draw(st.sets(st.integers(0, number - 1), min_size=1, max_size=3))
        steps.append(Step(tuple(inputs), (number,)))
    return steps, {i: draw(st.integers(1, 200)) for i in range(count)}, [count - 1]


@given(schedules())
def test_never_below_the_peak_and_no_two_tensors_overlap(schedule: Schedule) -> None:
    assert arena_bytes(*schedule) >= peak_bytes(*schedule)
    placed: list[tuple[int, Block]] = []
    for block in sorted(_blocks(*schedule), key=lambda block: (-block.size_bytes, block.first)):
        placed.append((lowest_gap(block, placed), block))
    for (start, block), (other_start, other) in itertools.combinations(placed, 2):
        if block.meets(other):
            assert start + block.size_bytes <= other_start or other_start + other.size_bytes <= start


@pytest.mark.parametrize(("a", "b", "meet"), [((0, 1), (1, 2), True), ((0, 1), (2, 3), False), ((1, 1), (0, 4), True)])
def test_lifetimes_meet_when_they_share_a_step(a: tuple[int, int], b: tuple[int, int], meet: bool) -> None:
    assert Block(1, *a).meets(Block(1, *b)) is meet
