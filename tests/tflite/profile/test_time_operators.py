"""Operators by themselves: chains of ABS, whose operators are alike, and the zoo of odd files."""

from collections.abc import Callable

import pytest
from odd_files import odd_file

from tfkws.errors import ConfigError
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.time_operators import time_operators, time_whole_and_operators


def test_only_the_operators_asked_for_are_timed(converted: Callable[[str], TfliteFile]) -> None:
    assert set(time_operators(converted("none"), [0, 2], runs=5)) == {0, 2}


def test_no_time_is_negative(converted: Callable[[str], TfliteFile]) -> None:
    assert all(time_us >= 0 for time_us in time_operators(converted("int8"), [0, 1, 2], runs=5).values())


def test_unknown_kernels_are_refused(converted: Callable[[str], TfliteFile]) -> None:
    with pytest.raises(ConfigError, match="kernels must be one of"):
        time_operators(converted("none"), [0], kernels="metal", runs=5)


def test_many_small_operators_sum_to_the_whole() -> None:
    """Of 200 operators without work the step from one to the next is the time; no single model would show it."""
    file = TfliteFile(chain(200))
    found = time_whole_and_operators(file, range(0, 200, 20), kernels="builtin", runs=60)
    sum_us = sum(found.operators_us.values()) * 20 + (found.whole.call_us or 0)
    assert 0.5 * found.whole.median_us < sum_us < 2 * found.whole.median_us
    assert 0 < (found.whole.call_us or 0) < found.whole.median_us


@pytest.mark.parametrize(
    "name", ["streaming", "while", "if", "hash_table", "fused_lstm", "svdf", "two_inputs", "float16"]
)
@pytest.mark.parametrize("kernels", ["xnnpack", "builtin"])
def test_operators_with_state_loops_and_tables_run_by_themselves(name: str, kernels: str) -> None:
    file = TfliteFile(odd_file(name))
    indices = [op.index for op in file.graph.ops]
    found = time_whole_and_operators(file, indices, kernels=kernels, runs=5)
    assert (set(found.operators_us), found.refused) == (set(indices), {})


def test_an_operator_that_cannot_run_alone_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: TfliteFile, index: int, copies: int = 1) -> bytes:
        return b"noise" if index == 1 else chain(1)

    monkeypatch.setattr("tfkws.tflite.profile.time_operators.submodel", refuse)
    found = time_whole_and_operators(TfliteFile(chain(3)), (0, 1, 2), runs=5)
    assert set(found.operators_us) == {0, 2}
    assert list(found.refused) == [1] and found.refused[1]
