"""Kernels written by hand in a few lines, against NumPy, at lengths that fill vectors and at lengths that do not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfkws.training.native.compiler import Kernels, lanes
from tfkws.training.native.kernels.elementwise import stretches
from tfkws.training.native.llvm_code import Code, Value
from tfkws.training.native.team import call


def run(write: Callable[[Code], None], *arguments: Any, threads: int = 1) -> None:
    """Compile one kernel and call it once for each thread, one after the other."""
    import ctypes

    kernels = Kernels()

    def whole(module: Any, name: str) -> None:
        code = Code(module, name, lanes())
        write(code)
        code.finish()

    kernels.add("kernel", whole)
    kernels.compile()
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    function = kind(kernels.address("kernel"))
    for thread in range(threads):
        function(call("kernel", *arguments).arguments.ctypes.data, thread, threads)


@pytest.mark.parametrize("length", [1, 7, 16, 50, 67])
def test_vectors_and_what_is_left_over_compute_alike(length: int, rng: np.random.Generator) -> None:
    one, two, result = (rng.normal(size=length).astype(np.float32) for _ in range(3))

    def write(code: Code) -> None:
        a, b, to, count = code.arguments(4)
        for place, width, mask in stretches(code, count):
            x, y = code.load(a, place, width, mask), code.load(b, place, width, mask)
            value = code.select(x.compare(">", y), code.multiply_add(x, y, x - y), code.square_root(y - x) / 2)
            code.store(value.maximum(-0.5).minimum(0.5), to, place, mask)

    before = np.concatenate([result, [np.float32(9)]]).astype(np.float32)
    run(write, one, two, before, length)
    with np.errstate(invalid="ignore"):
        expected = np.clip(np.where(one > two, one * two + one - two, np.sqrt(two - one) / 2), -0.5, 0.5)
    np.testing.assert_allclose(before[:-1], expected, rtol=1e-5, atol=1e-6)
    assert before[-1] == 9  # nothing is written beyond the end


def test_sums_are_carried_through_loops_and_lanes(rng: np.random.Generator) -> None:
    values, result = rng.normal(size=37).astype(np.float32), np.zeros(1, np.float32)

    def write(code: Code) -> None:
        x, to = code.arguments(2)
        mask = code.first_lanes(code.whole(5))
        start = code.load(x, 0, code.lanes, mask)
        (total,) = code.fold(5, 37, [code.sum_of_lanes(start)], lambda i, sums: [sums[0] + code.load(x, i)])
        code.store(total, to)

    run(write, values, result)
    assert result[0] == pytest.approx(values.sum(), rel=1e-5)


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_shares_cover_everything_once(threads: int) -> None:
    seen = np.zeros(11, np.float32)

    def write(code: Code) -> None:
        to, count = code.arguments(2)
        first, end = code.share(count)
        with code.loop(first, end) as place:
            code.store(code.load(to, place) + 1.0, to, place)

    run(write, seen, 11, threads=threads)
    np.testing.assert_array_equal(seen, 1)


def test_whole_numbers_compute_as_in_python() -> None:
    result = np.zeros(4, np.int64)

    def write(code: Code) -> None:
        to, a, b = code.arguments(3)
        results: list[Value] = [a * b + 1, a - b, a // b, a % b]
        for number, value in enumerate(results):
            code.builder.store(value.raw, code.address(to, number, value.raw.type))

    run(write, result, 17, 5)
    assert result.tolist() == [86, 12, 3, 2]
