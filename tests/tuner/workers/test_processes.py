"""Workers on this machine: what comes of trials that fail, die or crash, and what their processes are given."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from fake_trainings import ToyTraining

from tfkws.tuner.evaluate import Trial
from tfkws.tuner.records.trials import Measurement
from tfkws.tuner.workers.processes import InlineWorker, ProcessWorkers, child_environment, death, make_workers

VALUES = {"width": 2, "depth": 2, "kernel": 3}


def test_no_processes_or_so_many() -> None:
    assert isinstance(make_workers(ToyTraining(), 0), InlineWorker)
    made = make_workers(ToyTraining(), 3)
    assert isinstance(made, ProcessWorkers) and made.slots == 3


@pytest.mark.parametrize("make", [InlineWorker, ProcessWorkers])
def test_a_trial_gives_a_measurement_or_a_reason_with_a_traceback(
    make: Callable[[ToyTraining], InlineWorker | ProcessWorkers], tmp_path: Path
) -> None:
    with closing(make(ToyTraining(crash=(1,)))) as workers:
        outcomes = {}
        for number in range(2):
            workers.start(VALUES, Trial(number, 0, 100, tmp_path / str(number)))
            name, outcome = workers.next_outcome()
            outcomes[name] = outcome
    assert outcomes[0] == ToyTraining()(VALUES, Trial(0, 0, 100, tmp_path))
    assert outcomes[1] == "ValueError: trial 1 was told to fail"
    assert "Traceback" in (tmp_path / "1" / "error.txt").read_text()


def test_a_process_that_dies_gives_its_exit_code_and_a_crash_of_kernels_another_try(tmp_path: Path) -> None:
    with closing(ProcessWorkers(ToyTraining(die=(0,), fault=(1,)), slots=2)) as workers:
        for number in range(2):
            workers.start(VALUES, Trial(number, 0, 100, tmp_path / str(number)))
        outcomes = dict(workers.next_outcome() for _ in range(2))
    assert outcomes[0] == death(-9) and "exit code -9" in death(-9)
    assert isinstance(outcomes[1], Measurement)


def test_children_share_the_cores_unless_this_process_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "7")
    plain = child_environment(3, plain=True)
    assert (plain["OMP_NUM_THREADS"], plain["TF_NUM_INTRAOP_THREADS"]) == ("3", "7")
    assert plain["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert child_environment(3, plain=False).get("TF_ENABLE_ONEDNN_OPTS") == os.environ.get("TF_ENABLE_ONEDNN_OPTS")
