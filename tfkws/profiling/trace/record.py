"""Records a trace of calls by the backend's own profiler."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from tfkws.profiling.trace.xplane import Plane, read_folder

HOST_LEVEL = 3  # how much of the host is recorded: all, since JAX 0.6 has XLA's instructions on a CPU in the last level


def record(call: Callable[[], Any], runs: int) -> tuple[Plane, ...]:
    """Run a call a number of times under the profiler of Keras' backend, JAX or TensorFlow.

    Raises:
        ProfileParseError: the profiler wrote nothing that can be read.
    """
    tracing = _by_jax if keras.backend.backend() == "jax" else _by_tensorflow
    with tempfile.TemporaryDirectory(prefix="tfkws-trace-") as folder:
        with tracing(folder):
            for _ in range(runs):
                call()
        return read_folder(Path(folder))


@contextmanager
def _by_jax(folder: str) -> Iterator[None]:
    """Trace without Python's own calls, where this JAX lets one choose (from 0.6 on)."""
    import jax

    chosen: dict[str, Any] = {}
    if hasattr(jax.profiler, "ProfileOptions"):
        options = jax.profiler.ProfileOptions()
        options.python_tracer_level = 0
        options.host_tracer_level = HOST_LEVEL
        chosen["profiler_options"] = options
    jax.profiler.start_trace(folder, **chosen)
    try:
        yield
    finally:
        jax.profiler.stop_trace()


@contextmanager
def _by_tensorflow(folder: str) -> Iterator[None]:
    from tensorflow.profiler import experimental as profiler

    options = profiler.ProfilerOptions(host_tracer_level=HOST_LEVEL, python_tracer_level=0, device_tracer_level=1)
    profiler.start(folder, options=options)
    try:
        yield
    finally:
        profiler.stop()
