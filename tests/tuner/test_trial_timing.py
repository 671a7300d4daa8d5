"""Timing of short trials, against trainings that take a known time."""

import pytest

from tfkws.errors import SearchError
from tfkws.tuner.trial_timing import measure_timing


def test_timing_tells_start_up_from_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
    from tfkws.tuner.problem.problem import Problem

    problem = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": toy_macs})
    slow = ToyTraining(seconds=0.2, seconds_per_iteration=0.02)
    timing = measure_timing(slow, problem, seed=0, lengths=(5, 50), workers=2)
    assert timing.per_iteration == pytest.approx(0.02, rel=0.5)
    assert timing.fixed == pytest.approx(0.2, abs=0.15)  # that a process starts, which takes longer, is not counted
    with pytest.raises(SearchError, match="A trial for timing failed: ValueError: trial 1 was told to fail"):
        measure_timing(ToyTraining(crash=(1,)), problem, seed=0)
