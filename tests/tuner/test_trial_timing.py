"""Timing of short trials, against trainings that take a known time."""

import pytest

from tfkws.errors import SearchError
from tfkws.tuner.trial_timing import measure_timing


def test_timing_tells_start_up_from_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    from fake_trainings import SPACE, ToyTraining, toy_macs

    from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
    from tfkws.tuner.problem.problem import Problem

    problem = Problem(SPACE, (TOP1_ERROR, MACS), {"macs": toy_macs})
    timing = measure_timing(ToyTraining(seconds_per_iteration=0.02), problem, seed=0, lengths=(5, 100))
    assert timing.per_iteration == pytest.approx(0.02, rel=0.5)
    assert timing.fixed > 0
    with pytest.raises(SearchError, match="A trial for timing failed: ValueError: trial 1 was told to fail"):
        measure_timing(ToyTraining(crash=(1,)), problem, seed=0)
