"""Objectives and their losses."""

import pytest

from tfkws.errors import SearchError
from tfkws.tuner.problem.objectives import Objective, to_losses
from tfkws.tuner.records.trials import TrialRecord


def test_objectives_become_losses() -> None:
    records = [TrialRecord(0, 0, {}, "completed", {"accuracy": 0.9, "macs": 1e6})]
    objectives = (Objective("accuracy", "max"), Objective("macs", scale="log"))
    assert to_losses(records, objectives).tolist() == [[-0.9, 6.0]]
    assert to_losses([], objectives).shape == (0, 2)
    with pytest.raises(SearchError, match="macs must be above 0"):
        objectives[1].to_loss(0.0)
