"""Kernels that compute each value by itself, and those that move values.

A map is given by its address, the floats from channel to channel, and those from row to row, so that it may have
margins, which stay zero.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tfkws.training.native.llvm_code import Code, Value

Formula = Callable[[Code, list[Value]], Value]


def elementwise(module: Any, name: str, lanes: int, inputs: int, formula: Formula) -> None:
    """Write the kernel output = formula(inputs) on every value.

    Arguments: numbers of channels, of rows and of floats a row; then of the output and of each input: address, floats
    from channel to channel, floats from row to row.
    """
    code = Code(module, name, lanes)
    channels, rows, length = code.arguments(3)
    maps = [tuple(code.argument(3 + 3 * i + j) for j in range(3)) for i in range(1 + inputs)]
    first, end = code.share(channels * rows)
    with code.loop(first, end) as item:
        channel, row = item // rows, item % rows
        bases = [address + (channel * pitch + row * step) * 4 for address, pitch, step in maps]
        for place, width, mask in stretches(code, length):
            values = [code.load(base, place, width, mask) for base in bases[1:]]
            code.store(formula(code, values), bases[0], place, mask)
    code.finish()


def stretches(code: Code, length: Value) -> Iterator[tuple[Value, int, Any]]:
    """Yield (place, lanes, mask) for whole vectors of a row, and then for what is left of it; a loop around each."""
    even = length // code.lanes * code.lanes
    with code.loop(0, even, code.lanes) as place:
        yield place, code.lanes, None
    with code.loop(even, length, code.lanes) as place:
        yield place, code.lanes, code.first_lanes(length - even)


def add(code: Code, values: list[Value]) -> Value:
    """Add all values."""
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def relu(code: Code, values: list[Value]) -> Value:
    """Add all values, and replace negative sums by zero."""
    return add(code, values).maximum(0.0)


def relu_gradient(code: Code, values: list[Value]) -> Value:
    """Pass the gradient, the first value, where the activation's output, the second one, is above zero."""
    gradient, output = values
    return code.select(output.compare(">", 0.0), gradient, 0.0)


def relu6(code: Code, values: list[Value]) -> Value:
    """Keep a value within 0 and 6."""
    return values[0].maximum(0.0).minimum(6.0)


def relu6_gradient(code: Code, values: list[Value]) -> Value:
    """Pass the gradient, the first value, where the input, the second one, is within 0 and 6."""
    gradient, read = values
    inside = code.builder.and_(read.compare(">", 0.0), read.compare("<", 6.0))
    return code.select(inside, gradient, 0.0)


def sigmoid(code: Code, values: list[Value]) -> Value:
    """Return 1 / (1 + exp(-x))."""
    return code.number(1.0, values[0].lanes) / (code.exponential(values[0] * -1.0) + 1.0)


def sigmoid_gradient(code: Code, values: list[Value]) -> Value:
    """Return the gradient, the first value, by the sigmoid's input, the second one."""
    gradient, read = values
    share = sigmoid(code, [read])
    return gradient * share * (share * -1.0 + 1.0)


def silu(code: Code, values: list[Value]) -> Value:
    """Return x times its sigmoid."""
    return values[0] * sigmoid(code, values)


def silu_gradient(code: Code, values: list[Value]) -> Value:
    """Return the gradient, the first value, by the input of SiLU, the second one."""
    gradient, read = values
    share = sigmoid(code, [read])
    return gradient * share * (read * (share * -1.0 + 1.0) + 1.0)


def multiply(code: Code, values: list[Value]) -> Value:
    """Multiply two values."""
    return values[0] * values[1]


def copy_runs(module: Any, name: str, lanes: int, accumulate: bool) -> None:
    """Write the kernel that moves stretches of floats, or adds them to what is there.

    Arguments: x, y, runs (pairs: offset in x, offset in y), number of runs, floats of a run, factor (float).
    """
    code = Code(module, name, lanes)
    x, y, runs, count, length, factor = code.arguments(6)
    by = code.load(factor)
    first, end = code.share(count)
    with code.loop(first, end) as run:
        from_x, to_y = x + code.load_whole(runs, run * 2) * 4, y + code.load_whole(runs, run * 2 + 1) * 4
        for place, width, mask in stretches(code, length):
            value = code.load(from_x, place, width, mask) * by
            code.store(value + code.load(to_y, place, width, mask) if accumulate else value, to_y, place, mask)
    code.finish()
