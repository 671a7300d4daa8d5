from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfkws.tflite.convert import timing_hint
from tfkws.tflite.convert.timing_hint import TimingHint, time_both
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.bare import BareModel
from tfkws.views.conversion import timing_sentence


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, converted: Callable[[str], TfliteFile]) -> Any:
    """Runs of the first file take 40 µs, of the second 10 µs; the clock moves by these alone."""
    converted("none"), converted("int8")  # which runs files, and needs what they answer
    state = {"now_ns": 0, "turn": 0}

    def invoke(self: BareModel) -> None:
        state["now_ns"] += (40_000, 10_000)[state["turn"] % 2]
        state["turn"] += 1

    monkeypatch.setattr(BareModel, "invoke", invoke)
    monkeypatch.setattr("time.perf_counter_ns", lambda: state["now_ns"])
    return state


def test_both_are_timed_in_turns(clock: Any, converted: Callable[[str], TfliteFile], maps: np.ndarray) -> None:
    hint = time_both(converted("none"), converted("int8"), maps[:4])
    assert (hint.float_us, hint.file_us, hint.ratio) == (40, 10, 0.25)
    assert hint.rounds == timing_hint.ROUNDS
    assert hint.pays


def test_slow_files_are_cut_off(
    monkeypatch: pytest.MonkeyPatch, converted: Callable[[str], TfliteFile], maps: np.ndarray
) -> None:
    monkeypatch.setattr(timing_hint, "SECONDS", 0.0)
    assert time_both(converted("none"), converted("int8"), maps[:4]).rounds == timing_hint.FEWEST_ROUNDS


def test_a_file_that_does_not_pay_is_told() -> None:
    sentence = timing_sentence("int8", TimingHint(100.0, 240.0, 200).to_dict())
    assert "240 µs against 100 µs in float32, 2.40 times as long" in sentence
    assert "int8 does not pay on this CPU" in sentence
    assert "does not pay" not in timing_sentence("int8", TimingHint(100.0, 40.0, 200).to_dict())


def test_real_files_have_a_time(converted: Callable[[str], TfliteFile], maps: np.ndarray) -> None:
    hint = time_both(converted("none"), converted("int8"), maps[:4])
    assert np.isfinite(hint.ratio)
    assert hint.ratio > 0
