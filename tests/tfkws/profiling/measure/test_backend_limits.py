"""Rates follow from shortest times: here times are given, not measured."""

from collections.abc import Callable
from typing import Any

import pytest

from tfkws.profiling.measure import backend_limits


@pytest.fixture
def runs_of_a_millisecond(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Every function takes 1 ms; the shapes of its first results."""
    shapes = []

    def shortest(function: Callable[..., Any], inputs: tuple[Any, ...], device: str) -> float:
        shapes.append(tuple(function(*inputs).shape))
        return 1e-3

    monkeypatch.setattr(backend_limits, "_shortest", shortest)
    return shapes


def test_the_peak_is_that_of_the_best_size(
    monkeypatch: pytest.MonkeyPatch, runs_of_a_millisecond: list[tuple[int, ...]]
) -> None:
    monkeypatch.setattr(backend_limits, "SIDES", (8, 32, 16))
    assert backend_limits.peak_macs_per_s("cpu") == pytest.approx(32**3 / 1e-3)
    assert runs_of_a_millisecond == [(8, 8), (32, 32), (16, 16)]


def test_a_copy_reads_and_writes(monkeypatch: pytest.MonkeyPatch, runs_of_a_millisecond: list[tuple[int, ...]]) -> None:
    monkeypatch.setattr(backend_limits, "COPY_BYTES", 4096)
    assert backend_limits.copy_bytes_per_s("cpu") == pytest.approx(2 * 4096 / 1e-3)
    assert runs_of_a_millisecond == [(1024,)]  # float32


def test_the_shortest_time_is_a_time() -> None:
    assert 0 < backend_limits._shortest(lambda x: x, (1.0,), "cpu") < backend_limits.SECONDS
