"""What the backend reaches on a device at best: multiply-accumulates of a large product, bytes of a large copy."""

import time
from collections.abc import Callable
from typing import Any

import keras

from tfkws.profiling.measure.backend import compiled, wait

SIDES = (512, 1024, 2048)
COPY_BYTES = 1 << 27  # beyond any last-level cache
SECONDS = 0.3  # for each figure


def peak_macs_per_s(device: str) -> float:
    """The highest rate over float32 products of square matrices of several sizes."""
    product = compiled(keras.ops.matmul)
    return max(side**3 / _best_seconds(product, (_values(side, side), _values(side, side)), device) for side in SIDES)


def copy_bytes_per_s(device: str) -> float:
    """Bytes read and written a second, when a large array is negated into another one."""
    seconds = _best_seconds(compiled(keras.ops.negative), (_values(COPY_BYTES // 4),), device)
    return 2 * COPY_BYTES / seconds


def _values(*shape: int) -> Any:
    return keras.random.normal(shape, seed=0)


def _best_seconds(function: Callable[..., Any], inputs: tuple[Any, ...], device: str) -> float:
    """Shortest of a few runs, at least three, after one that compiles: the limit is what is asked for."""
    wait(function(*inputs), device)
    clock, times = time.perf_counter_ns, list[int]()
    end = clock() + int(1e9 * SECONDS)
    while clock() < end or len(times) < 3:
        started = clock()
        wait(function(*inputs), device)
        times.append(clock() - started)
    return min(times) / 1e9
