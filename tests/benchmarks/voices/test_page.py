"""The threshold is the lowest that other speech allows, and misses are counted at it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.voices import network
from benchmarks.voices.page import ALL, SETS, judge


def test_every_engine_is_left_out_once() -> None:
    left_out = [set(ALL) - set(engines) for engines in SETS.values() if len(engines) == len(ALL) - 1]
    assert sorted(map(tuple, left_out)) == sorted((name,) for name in ALL)
    assert SETS["all five"] == ALL


def test_misses_are_those_below_the_lowest_allowed_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    """One hour with peaks of 0.9, 0.7, 0.6 (three times) and 0.3: two events allow 0.61 to 0.7, ten any."""
    other = np.zeros(36_000)
    other[[100, 1000, 2000, 3000, 4000, 5000]] = [0.9, 0.7, 0.6, 0.6, 0.6, 0.3]
    said = [np.array([0.0, value]) for value in (0.95, 0.65, 0.5, 0.001)]
    answers: list[Any] = [said, [other]]
    monkeypatch.setattr(network, "scores", lambda trained, signals: answers.pop(0))
    seconds = 3600 + 2
    record = judge(SimpleNamespace(), said, [np.zeros(seconds * 16_000, np.int8)])
    assert record["hours"] == pytest.approx(1.0)
    assert record["missed"] == {"2": 0.5, "10": 0.25}
    assert record["found"] == {"2": "1100", "10": "1110"}
