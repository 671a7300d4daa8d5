"""What differs between Keras' backends: devices, compilation, waiting for results, and what they reach at best."""

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, cast

import keras

from tfkws.clock import best_seconds
from tfkws.errors import BenchmarkError

_COMPILERS = {"jax": ("jax", "jit", {}), "tensorflow": ("tensorflow", "function", {"autograph": False})}

# What a device's limits are measured on.
SIDES = (512, 1024, 2048)  # of square matrices
COPY_BYTES = 1 << 27  # beyond any last-level cache
SECONDS = 0.3  # for each figure


def on_device(device: str) -> AbstractContextManager[Any]:
    """Return the scope in which everything is built and runs on a device.

    Raises:
        BenchmarkError: the backend has no such device.
    """
    if device == "gpu" and not _has_gpu():
        raise BenchmarkError(
            f"Keras' backend {keras.backend.backend()} sees no GPU here; use --device cpu, or install the backend's "
            "GPU build (pip install 'jax[cuda12]', KERAS_BACKEND=jax) on a machine that has one."
        )
    return cast(AbstractContextManager[Any], keras.device(f"{device}:0"))


def _has_gpu() -> bool:
    try:
        return any("gpu" in str(name).lower() for name in keras.distribution.list_devices("gpu"))
    except RuntimeError:  # JAX's word for none
        return False


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of tensors with the backend's own compiler.

    Raises:
        BenchmarkError: the backend has none.
    """
    backend = keras.backend.backend()
    if backend not in _COMPILERS:
        raise BenchmarkError(f"The backend {backend} compiles no single layers; use --mode eager.")
    module, name, settings = _COMPILERS[backend]
    return cast(Callable[..., Any], getattr(importlib.import_module(module), name)(function, **settings))


def wait(output: Any, device: str) -> None:
    """Return when a tensor, or every one of a list, is computed: JAX returns before that, other backends on a GPU."""
    for tensor in output if isinstance(output, (list, tuple)) else (output,):
        _wait_for(tensor, device)


def _wait_for(tensor: Any, device: str) -> None:
    if hasattr(tensor, "block_until_ready"):
        tensor.block_until_ready()
    elif device == "gpu":
        keras.ops.convert_to_numpy(keras.ops.reshape(tensor, (-1,))[:1])


def backend_version() -> str:
    """Return the version of the package behind the backend."""
    return str(importlib.import_module(keras.backend.backend()).__version__)


def device_name(device: str) -> str:
    """Return the device's name as the backend gives it."""
    if keras.backend.backend() == "jax":
        return str(importlib.import_module("jax").devices(device)[0].device_kind)
    return str(keras.distribution.list_devices(device)[0])


def peak_macs_per_s(device: str) -> float:
    """The highest rate over float32 products of square matrices of several sizes."""
    product = compiled(keras.ops.matmul)
    return max(side**3 / _shortest(product, (_values(side, side), _values(side, side)), device) for side in SIDES)


def copy_bytes_per_s(device: str) -> float:
    """Return the bytes read and written a second when a large array is negated into another one."""
    seconds = _shortest(compiled(keras.ops.negative), (_values(COPY_BYTES // 4),), device)
    return 2 * COPY_BYTES / seconds


def _values(*shape: int) -> Any:
    return keras.random.normal(shape, seed=0)


def _shortest(function: Callable[..., Any], inputs: tuple[Any, ...], device: str) -> float:
    """Return the shortest of a few runs in s, after one that compiles."""
    return best_seconds(lambda: wait(function(*inputs), device), SECONDS, warmup=1)
