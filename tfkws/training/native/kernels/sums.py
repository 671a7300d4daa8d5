"""Kernels that add up: channels, as a bias' gradient is, and positions, as global pooling does."""

from collections.abc import Callable, Sequence
from typing import Any

from tfkws.training.native.kernels.elementwise import add, stretches
from tfkws.training.native.llvm_code import Code, Value

TURNS = 4  # vectors that take turns in a sum, so that none waits for the one before

Terms = Callable[[Value, Value, int, Any], Sequence[Value]]  # of (row, place in it, lanes, mask)


def sum_rows(module: Any, name: str, lanes: int) -> None:
    """Write the kernel that adds up each channel.

    Arguments: x, result; then numbers: of channels, of rows, floats of a row, from channel to channel, from row to row.
    """
    code = Code(module, name, lanes)
    x, result, channels, rows, length, pitch, step = code.arguments(7)
    first, end = code.share(channels)
    with code.loop(first, end) as channel:
        base = x + channel * pitch * 4

        def value(row: Value, place: Value, width: int, mask: Any, base: Value = base) -> Sequence[Value]:
            return [code.load(base + row * step * 4, place, width, mask)]

        code.store(sums_over_rows(code, rows, length, 1, value)[0], result, channel)
    code.finish()


def mean_of_positions(module: Any, name: str, lanes: int) -> None:
    """Write the mean over rows and columns, for each clip.

    Arguments: x, y, share (float); then numbers: of channels, rows, columns, clips, floats from channel to channel and
    from row to row in x, from channel to channel in y.
    """
    code = Code(module, name, lanes)
    x, y, share, channels, rows, columns, clips, x_channel, x_row, y_channel = code.arguments(10)
    factor = code.load(share)
    first, end = code.share(channels)
    with code.loop(first, end) as channel:
        for place, width, mask in stretches(code, clips):
            start = x + (channel * x_channel + place) * 4
            total = code.number(0.0, width)
            total = _over_positions(code, start, (rows, columns), (x_row, clips), total, mask)
            code.store(total * factor, y, channel * y_channel + place, mask)
    code.finish()


def _over_positions(
    code: Code, start: Value, sizes: tuple[Value, Value], pitches: tuple[Value, Value], total: Value, mask: Any
) -> Value:
    def over_row(row: Value, sums: list[Value]) -> list[Value]:
        base = start + row * pitches[0] * 4

        def one(column: Value, sums: list[Value]) -> list[Value]:
            return [sums[0] + code.load(base, column * pitches[1], total.lanes, mask)]

        return code.fold(0, sizes[1], sums, one)

    return code.fold(0, sizes[0], [total], over_row)[0]


def sums_over_rows(code: Code, rows: Value, length: Value, count: int, terms: Terms) -> list[Value]:
    """Add up `count` terms over all places of all rows: in vectors that take turns, then lane by lane."""
    lanes = code.lanes
    wide = length // (lanes * TURNS) * (lanes * TURNS)
    even = length // lanes * lanes
    mask = code.first_lanes(length - even)

    def over_row(row: Value, sums: list[Value]) -> list[Value]:
        def turns(place: Value, sums: list[Value]) -> list[Value]:
            found = [term for turn in range(TURNS) for term in terms(row, place + turn * lanes, lanes, None)]
            return [total + term for total, term in zip(sums, found, strict=True)]

        def one(mask: Any) -> Callable[[Value, list[Value]], list[Value]]:
            def added(place: Value, sums: list[Value]) -> list[Value]:
                found = terms(row, place, lanes, mask)
                return [total + term for total, term in zip(sums, found, strict=False)] + sums[count:]

            return added

        sums = code.fold(0, wide, sums, turns, lanes * TURNS)
        sums = code.fold(wide, even, sums, one(None), lanes)
        return code.fold(even, length, sums, one(mask), lanes)

    sums = code.fold(0, rows, [code.number(0.0, lanes)] * (count * TURNS), over_row)
    return [code.sum_of_lanes(add(code, sums[number::count])) for number in range(count)]
