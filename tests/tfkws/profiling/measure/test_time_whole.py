"""Whole networks are timed from call to answer."""

import keras
import pytest

from tfkws.errors import BenchmarkError
from tfkws.profiling.measure import backend
from tfkws.profiling.measure.time_whole import time_whole


def dense_network(width: int) -> keras.Model:
    inputs = keras.Input((width,))
    return keras.Model(inputs, keras.layers.Dense(width)(keras.layers.Dense(width)(inputs)))


def test_every_run_has_its_time_and_more_work_takes_longer() -> None:
    small, large = (time_whole(dense_network(width), "cpu", 20) for width in (8, 3_000))
    assert len(small) == len(large) == 20
    assert 0 < min(small) < min(large)


def test_without_a_gpu_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "_has_gpu", lambda: False)
    with pytest.raises(BenchmarkError, match="sees no GPU here"):
        time_whole(dense_network(2), "gpu", 1)
