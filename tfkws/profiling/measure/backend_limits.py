"""What the backend reaches on a device at best: multiply-accumulates of a large product, bytes of a large copy."""

from collections.abc import Callable
from typing import Any

import keras

from tfkws.clock import best_seconds
from tfkws.profiling.measure.backend import compiled, wait

SIDES = (512, 1024, 2048)
COPY_BYTES = 1 << 27  # beyond any last-level cache
SECONDS = 0.3  # for each figure


def peak_macs_per_s(device: str) -> float:
    """The highest rate over float32 products of square matrices of several sizes."""
    product = compiled(keras.ops.matmul)
    return max(side**3 / _shortest(product, (_values(side, side), _values(side, side)), device) for side in SIDES)


def copy_bytes_per_s(device: str) -> float:
    """Bytes read and written a second, when a large array is negated into another one."""
    seconds = _shortest(compiled(keras.ops.negative), (_values(COPY_BYTES // 4),), device)
    return 2 * COPY_BYTES / seconds


def _values(*shape: int) -> Any:
    return keras.random.normal(shape, seed=0)


def _shortest(function: Callable[..., Any], inputs: tuple[Any, ...], device: str) -> float:
    """Return the shortest of a few runs in s, after one that compiles."""
    return best_seconds(lambda: wait(function(*inputs), device), SECONDS, warmup=1)
