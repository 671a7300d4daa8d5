"""Lists of kernels, run by one thread and by several: the same numbers, each kernel after the one before."""

from typing import Any

import numpy as np
import pytest

from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.kernels.elementwise import add, elementwise
from tfkws.training.native.team import Call, Program, call, processors, team


def doubling(values: np.ndarray) -> Call:
    """A call that adds an array to itself."""

    def write(module: Any, name: str) -> None:
        elementwise(module, name, lanes(), 2, add)

    rows, length = values.shape
    place = (values, 0, length)
    return call(KERNELS.add("test_doubling", write), 1, rows, length, *place, *place, *place)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_every_kernel_sees_what_the_one_before_wrote(threads: int) -> None:
    values = np.ones((9, 33), np.float32)
    team(threads).run(Program([doubling(values)] * 10))
    np.testing.assert_array_equal(values, 2.0**10)


def test_a_program_runs_again_and_an_empty_one_does_nothing() -> None:
    values = np.ones((2, 5), np.float32)
    program = Program([doubling(values)])
    for _ in range(3):
        team(2).run(program)
    team(2).run(Program([]))
    np.testing.assert_array_equal(values, 8)
    assert program.kernels() == ["test_doubling"]


def test_processors_are_those_that_tensorflow_is_held_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    available = processors()
    assert available >= 1
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    assert processors() == 1
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "10000")
    assert processors() == available
