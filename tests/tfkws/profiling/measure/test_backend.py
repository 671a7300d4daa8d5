"""What the backend of this process can do, what it says where it cannot, and its rates, of times that are given."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import LayerSettings
from tfkws.errors import BenchmarkError
from tfkws.pipeline.profile.layers import KerasSource, profile_keras
from tfkws.profiling.measure import backend
from tfkws.profiling.measure.backend import backend_version, compiled, on_device, wait


def test_a_gpu_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    def empty(kind: str) -> list[str]:
        return []

    def unknown(kind: str) -> list[str]:
        raise RuntimeError("Unknown backend")

    for answer in (empty, unknown):
        monkeypatch.setattr(keras.distribution, "list_devices", answer)
        with pytest.raises(BenchmarkError, match="sees no GPU here; use --device cpu"):
            profile_keras(KerasSource(Path("kws12")), LayerSettings(device="gpu"))


def test_a_compiled_function_computes_the_same_and_can_be_waited_for() -> None:
    values = np.arange(6, dtype=np.float32)
    with on_device("cpu"):
        result = compiled(lambda x: 2 * x + 1)(values)
        wait(result, "cpu")
    np.testing.assert_array_equal(np.asarray(result), 2 * values + 1)


def test_waiting_calls_a_tensor_that_may_not_be_ready() -> None:
    class Pending:
        is_ready = False

        def block_until_ready(self) -> None:
            self.is_ready = True

    tensor = Pending()
    wait(tensor, "cpu")
    assert tensor.is_ready


def test_a_backend_that_compiles_no_layers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    with pytest.raises(BenchmarkError, match="The backend numpy compiles no single layers; use --mode eager"):
        compiled(abs)
    assert backend_version() == np.__version__


@pytest.fixture
def runs_of_a_millisecond(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Every function takes 1 ms; the shapes of its first results."""
    shapes = []

    def shortest(function: Callable[..., Any], inputs: tuple[Any, ...], device: str) -> float:
        shapes.append(tuple(function(*inputs).shape))
        return 1e-3

    monkeypatch.setattr(backend, "_shortest", shortest)
    return shapes


def test_the_peak_is_that_of_the_best_size(
    monkeypatch: pytest.MonkeyPatch, runs_of_a_millisecond: list[tuple[int, ...]]
) -> None:
    monkeypatch.setattr(backend, "SIDES", (8, 32, 16))
    assert backend.peak_macs_per_s("cpu") == pytest.approx(32**3 / 1e-3)
    assert runs_of_a_millisecond == [(8, 8), (32, 32), (16, 16)]


def test_a_copy_reads_and_writes(monkeypatch: pytest.MonkeyPatch, runs_of_a_millisecond: list[tuple[int, ...]]) -> None:
    monkeypatch.setattr(backend, "COPY_BYTES", 4096)
    assert backend.copy_bytes_per_s("cpu") == pytest.approx(2 * 4096 / 1e-3)
    assert runs_of_a_millisecond == [(1024,)]  # float32


def test_the_shortest_time_is_a_time() -> None:
    assert 0 < backend._shortest(lambda x: x, (1.0,), "cpu") < backend.SECONDS
