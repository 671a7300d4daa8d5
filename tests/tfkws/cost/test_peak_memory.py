"""Peak activation memory against examples on paper and a slow simulation."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tfkws.cost.peak_memory import Step, peak_bytes


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
