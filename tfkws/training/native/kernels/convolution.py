"""Kernels of convolutions: a tile of outputs in registers, and a tile of weight gradients in registers.

A map lies as (channels, rows, columns, clips), so a kernel position is an offset, and clips side by side fill vectors
whatever the channels, kernel sizes and strides are. `runs` are stretches of outputs whose inputs lie side by side too.
"""

from collections.abc import Sequence
from typing import Any

from tfkws.training.native.llvm_code import Code, Value

TILE_VECTORS = 4


def convolve(module: Any, name: str, lanes: int, filters: int, bias: bool, accumulate: bool) -> None:
    """Write the kernel y[group, n, run] = sum over k of weights[group, n, k] x[group, run + offset of k].

    Arguments: x, offsets of k, packed weights, y, bias, runs (pairs: offset in x, offset in y); then numbers: of k, of
    filters a group, of groups, floats from group to group in x, number of runs, floats of a run, floats from channel
    to channel in y.

    Args:
        filters: that are computed at once, so that weights are packed (group, block, k, filters).
        bias: whether to begin with the bias in place of zero.
        accumulate: whether to add to y.
    """
    code = Code(module, name, lanes)
    x, offsets, weights, y, biases, runs = code.arguments(6)
    ks, count, groups, x_group, n_runs, length, y_channel = (code.argument(6 + number) for number in range(7))
    width = TILE_VECTORS * lanes
    tiles = (length + (width - 1)) // width
    blocks = (count + (filters - 1)) // filters
    first, end = code.share(groups * n_runs * tiles)

    def tile(item: Value, masked: bool) -> None:
        place, run, group = item % tiles * width, item // tiles % n_runs, item // (tiles * n_runs)
        from_x = x + (group * x_group + code.load_whole(runs, run * 2) + place) * 4
        to_y = code.load_whole(runs, run * 2 + 1) + place
        left = length - place
        masks = [code.first_lanes(left - v * lanes) if masked else None for v in range(TILE_VECTORS)]

        with code.loop(0, blocks) as block:
            packed = weights + (group * blocks + block) * ks * (filters * 4)
            number = group * count + block * filters

            def step(k: Value, sums: list[Value]) -> list[Value]:
                at = from_x + code.load_whole(offsets, k) * 4
                values = [code.load(at, v * lanes, lanes, masks[v]) for v in range(TILE_VECTORS)]
                next_sums = []
                for n in range(filters):
                    weight = code.splat(code.load(packed, k * filters + n), lanes)
                    row = sums[n * TILE_VECTORS : (n + 1) * TILE_VECTORS]
                    next_sums += [code.multiply_add(weight, *pair) for pair in zip(values, row, strict=True)]
                return next_sums

            zeros = [code.number(0.0, lanes)] * (filters * TILE_VECTORS)
            sums = code.fold(0, ks, zeros, step)
            for n in range(filters):
                with code.when((block * filters + n).compare("<", count)):
                    channel = number + n
                    for v in range(TILE_VECTORS):
                        total = sums[n * TILE_VECTORS + v]
                        at_y = channel * y_channel + to_y + v * lanes
                        if bias:
                            total = total + code.load(biases, channel)
                        if accumulate:
                            total = total + code.load(y, at_y, lanes, masks[v])
                        code.store(total, y, at_y, masks[v])

    with code.loop(first, end) as item:
        whole = (length - item % tiles * width).compare(">=", width)
        with code.builder.if_else(whole) as (then, otherwise):
            with then:
                tile(item, masked=False)
            with otherwise:
                tile(item, masked=True)
    code.finish()


def weight_gradient(module: Any, name: str, lanes: int, filters: int, ks: int) -> None:
    """Write the kernel dw[group, k, n] = sum over pieces of dy[group, n, piece] x[group, piece + offset of k].

    Arguments: dy, x, pieces (triples: offset in x, offset in dy, floats), ends of chunks of pieces, offsets of k,
    places of k in the gradient, the gradient; then numbers: of chunks, of k, of filters a group, of groups, floats from
    group to group in x, floats from channel to channel in dy, places from group to group in the gradient.

    Args:
        filters, ks: of a tile that is summed in registers.
    """
    code = Code(module, name, lanes)
    arguments = code.arguments(14)
    dy, x, pieces, chunks, offsets, places, gradient, n_chunks, n_ks, count, groups, x_group, channel, to_group = (
        arguments
    )
    k_tiles, n_tiles = (n_ks + (ks - 1)) // ks, (count + (filters - 1)) // filters
    first, end = code.share(groups * k_tiles * n_tiles)

    def tile(item: Value, start: Value, stop: Value, is_first: Any) -> None:
        n_first, k_first = item % n_tiles * filters, item // n_tiles % k_tiles * ks
        group = item // (n_tiles * k_tiles)
        numbers = [(n_first + n).minimum(count - 1) for n in range(filters)]
        rows = [(k_first + k).minimum(n_ks - 1) for k in range(ks)]
        from_dy = [dy + (group * count + number) * channel * 4 for number in numbers]
        from_x = [x + (group * x_group + code.load_whole(offsets, row)) * 4 for row in rows]

        def add(at_x: Value, at_dy: Value, sums: Sequence[Value], mask: Any) -> list[Value]:
            inputs = [code.load(base, at_x, lanes, mask) for base in from_x]
            next_sums = []
            for n, base in enumerate(from_dy):
                value = code.load(base, at_dy, lanes, mask)
                row = sums[n * ks : (n + 1) * ks]
                next_sums += [code.multiply_add(value, *pair) for pair in zip(inputs, row, strict=True)]
            return next_sums

        def piece(number: Value, sums: list[Value]) -> list[Value]:
            at_x, at_dy, length = (code.load_whole(pieces, number * 3 + i) for i in range(3))
            even = length // lanes * lanes
            sums = code.fold(0, even, sums, lambda i, s: add(at_x + i, at_dy + i, s, None), lanes)
            mask = code.first_lanes(length - even)
            return code.fold(even, length, sums, lambda i, s: add(at_x + i, at_dy + i, s, mask), lanes)

        sums = code.fold(start, stop, [code.number(0.0, lanes)] * (filters * ks), piece)
        for n in range(filters):
            for k in range(ks):
                inside = code.builder.and_((n_first + n).compare("<", count), (k_first + k).compare("<", n_ks))
                with code.when(inside):
                    at = code.load_whole(places, rows[k]) + group * to_group + numbers[n]
                    total = code.sum_of_lanes(sums[n * ks + k])
                    before = code.select(is_first, code.number(0.0), code.load(gradient, at))
                    code.store(total + before, gradient, at)

    with code.loop(0, n_chunks) as chunk:
        start, stop = code.load_whole(chunks, chunk), code.load_whole(chunks, chunk + 1)
        with code.loop(first, end) as item:
            tile(item, start, stop, chunk.compare("==", 0))
    code.finish()
