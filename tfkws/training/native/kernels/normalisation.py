"""Kernels of batch normalisation: passes over a channel that stays in the core's cache.

An item is a channel, or a part of its rows that has statistics of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfkws.training.native.kernels.elementwise import stretches
from tfkws.training.native.kernels.sums import sums_over_rows
from tfkws.training.native.llvm_code import Code, Value


def normalise(module: Any, name: str, lanes: int, activated: bool) -> None:
    """Write batch normalisation in training mode, with a ReLU after it or without.

    Arguments: x, y, items (triples: offset in x, offset in y, rows), gamma, beta, running mean, running variance, kept
    mean and factor (pairs), settings (floats: momentum, 1 - momentum, epsilon); then numbers: of items, floats of a
    row, from row to row in x and in y.
    """
    code = Code(module, name, lanes)
    x, y, items, gamma, beta, running_mean, running_variance, kept, settings = code.arguments(9)
    count, length, x_row, y_row = (code.argument(9 + number) for number in range(4))
    momentum, rest, epsilon = (code.load(settings, number) for number in range(3))
    first, end = code.share(count)
    with code.loop(first, end) as item:
        from_x, to_y, rows = _item(code, items, item, (x, y))
        size = code.as_float(rows * length)
        mean = _mean(code, from_x, x_row, rows, length) / size
        variance = _squares(code, from_x, x_row, rows, length, mean) / size
        factor = code.number(1.0) / code.square_root(variance + epsilon)
        scale = factor * code.load(gamma, item)
        offset = code.load(beta, item) - mean * scale
        for value, running in ((mean, running_mean), (variance, running_variance)):
            code.store(code.load(running, item) * momentum + value * rest, running, item)
        code.store(mean, kept, item * 2)
        code.store(factor, kept, item * 2 + 1)
        _write_line(code, (from_x, x_row), (to_y, y_row), (rows, length), (scale, offset), activated)
    code.finish()


def normalise_by_running(module: Any, name: str, lanes: int, activated: bool) -> None:
    """Write batch normalisation by its running statistics, with a ReLU after it or without.

    Arguments: those of `normalise`, of which the kept mean and factor are not touched.
    """
    code = Code(module, name, lanes)
    x, y, items, gamma, beta, running_mean, running_variance, _, settings = code.arguments(9)
    count, length, x_row, y_row = (code.argument(9 + number) for number in range(4))
    first, end = code.share(count)
    with code.loop(first, end) as item:
        from_x, to_y, rows = _item(code, items, item, (x, y))
        factor = code.number(1.0) / code.square_root(code.load(running_variance, item) + code.load(settings, 2))
        scale = factor * code.load(gamma, item)
        offset = code.load(beta, item) - code.load(running_mean, item) * scale
        _write_line(code, (from_x, x_row), (to_y, y_row), (rows, length), (scale, offset), activated)
    code.finish()


def _write_line(
    code: Code,
    x: tuple[Value, Value],
    y: tuple[Value, Value],
    size: tuple[Value, Value],
    line: tuple[Value, Value],
    activated: bool,
) -> None:
    """Write scale * x + offset, or its ReLU, for an item.

    Args:
        x, y: address, and from row to row.
        size: rows, and floats of a row.
        line: scale and offset.
    """
    rows, length = size
    with code.loop(0, rows) as row:
        for place, width, mask in stretches(code, length):
            values = code.load(x[0] + row * x[1] * 4, place, width, mask)
            normal = code.multiply_add(values, line[0], code.splat(line[1], width))
            code.store(normal.maximum(0.0) if activated else normal, y[0] + row * y[1] * 4, place, mask)


def _mean(code: Code, from_x: Value, x_row: Value, rows: Value, length: Value) -> Value:
    def value(row: Value, place: Value, width: int, mask: Any) -> Sequence[Value]:
        return [code.load(from_x + row * x_row * 4, place, width, mask)]

    return sums_over_rows(code, rows, length, 1, value)[0]


def _squares(code: Code, from_x: Value, x_row: Value, rows: Value, length: Value, mean: Value) -> Value:
    def value(row: Value, place: Value, width: int, mask: Any) -> Sequence[Value]:
        off = code.load(from_x + row * x_row * 4, place, width, mask) - mean
        return [off * off if mask is None else code.select(mask, off * off, 0.0)]

    return sums_over_rows(code, rows, length, 1, value)[0]


def normalise_gradient(module: Any, name: str, lanes: int, activated: bool) -> None:
    """Write the gradient of `normalise`: by its input, by gamma and by beta.

    Arguments: dy, x, dx, items (four: offsets in dy, x and dx, rows), gamma, beta, kept mean and factor (pairs),
    gradient by gamma, by beta; then numbers: of items, floats of a row, from row to row in dy, in x and in dx.
    """
    code = Code(module, name, lanes)
    dy, x, dx, items, gamma, beta, kept, to_gamma, to_beta = code.arguments(9)
    count, length, dy_row, x_row, dx_row = (code.argument(9 + number) for number in range(5))
    first, end = code.share(count)
    with code.loop(first, end) as item:
        from_dy, from_x, to_dx, rows = _item(code, items, item, (dy, x, dx))
        size = code.as_float(rows * length)
        mean = code.load(kept, item * 2)
        factor = code.load(kept, item * 2 + 1)
        scale = factor * code.load(gamma, item)
        offset = code.load(beta, item) - mean * scale

        at = _Off(from_dy, from_x, (dy_row, x_row), mean, (scale, offset) if activated else None)

        def terms(row: Value, place: Value, width: int, mask: Any, at: _Off = at) -> Sequence[Value]:
            slope, off = at.load(row, place, width, mask)
            return [slope, slope * off]

        total, total_off = sums_over_rows(code, rows, length, 2, terms)
        code.store(total, to_beta, item)
        code.store(total_off * factor, to_gamma, item)
        mean_slope = total / size
        mean_off = total_off * factor * factor / size
        with code.loop(0, rows) as row:
            for place, width, mask in stretches(code, length):
                slope, off = at.load(row, place, width, mask)
                change = (slope - mean_slope - off * mean_off) * scale
                code.store(change, to_dx + row * dx_row * 4, place, mask)
    code.finish()


@dataclass(frozen=True)
class _Off:
    """How the gradient reads an item.

    Attributes:
        dy, x: addresses.
        pitches: from row to row in both.
        mean: of x.
        line: scale and offset whose ReLU follows; None where none does.
    """

    dy: Value
    x: Value
    pitches: tuple[Value, Value]
    mean: Value
    line: tuple[Value, Value] | None

    def load(self, row: Value, place: Value, width: int, mask: Any) -> tuple[Value, Value]:
        """Return the gradient by the normalised values, and how far the inputs are off their mean."""
        code = self.x.code
        values = code.load(self.x + row * self.pitches[1] * 4, place, width, mask)
        slope = code.load(self.dy + row * self.pitches[0] * 4, place, width, mask)
        if self.line is not None:
            normal = code.multiply_add(values, self.line[0], code.splat(self.line[1], width))
            slope = code.select(normal.compare(">", 0.0), slope, 0.0)
        return slope, values - self.mean


def _item(code: Code, items: Value, item: Value, maps: Sequence[Value]) -> list[Value]:
    """Addresses of an item in each map, and its rows."""
    size = len(maps) + 1
    offsets = [code.load_whole(items, item * size + number) for number in range(size)]
    return [base + offset * 4 for base, offset in zip(maps, offsets[:-1], strict=True)] + [offsets[-1]]
