"""The backend's own profiler around a call, on TensorFlow; on JAX it is tested in `test_trace_layers.py`."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import ProfileParseError
from tfkws.profiling.trace import record as recording
from tfkws.profiling.trace.record import record


def test_every_call_is_made_and_its_operators_are_in_the_trace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import tensorflow as tf

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made: list[int] = []
    values = tf.constant(np.ones((16, 16), np.float32))

    @tf.function  # type: ignore[untyped-decorator, unused-ignore]
    def multiply(left: tf.Tensor) -> tf.Tensor:
        return tf.linalg.matmul(left, left)

    def call() -> None:
        made.append(1)
        multiply(values).numpy()

    call()
    planes = record(call, runs=3)
    assert len(made) == 4
    events = [event.name for plane in planes for line in plane.lines for event in line.events()]
    assert sum("MatMul" in name for name in events) >= 3
    assert not list(tmp_path.glob("tfkws-trace-*"))  # nothing of the trace stays on disk


def test_a_profiler_that_writes_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    monkeypatch.setattr(recording, "_by_tensorflow", nullcontext)
    with pytest.raises(ProfileParseError):
        record(lambda: None, runs=1)


def test_a_call_that_fails_ends_the_profiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        record(fail, runs=1)
    assert record(lambda: None, runs=1)  # another one can be started
