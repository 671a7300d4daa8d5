"""Workers on this machine: what comes of trials that fail, die or crash, and what their processes are given."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fake_trainings import Tally, ToyTraining

from tfkws.tuner.evaluate import Trial
from tfkws.tuner.records.trials import Measurement
from tfkws.tuner.workers.outcome import death
from tfkws.tuner.workers.processes import InlineWorker, ProcessWorkers, Renewal, make_workers
from tfkws.tuner.workers.trial_process import own_memory_mib

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


def test_a_process_that_dies_costs_its_candidate_and_gives_its_exit_code(tmp_path: Path) -> None:
    with closing(ProcessWorkers(ToyTraining(die=(0,)), slots=2)) as workers:
        for number in range(2):
            workers.start(VALUES, Trial(number, 0, 100, tmp_path / str(number)))
        outcomes = dict(workers.next_outcome() for _ in range(2))
    assert outcomes[0] == death(-9) and "exit code -9" in death(-9)
    assert isinstance(outcomes[1], Measurement)


def evaluate_all(workers: ProcessWorkers, count: int, folder: Path) -> dict[int, Any]:
    """Evaluate trials one after the other; what came of each, by number."""
    outcomes: dict[int, Any] = {}
    with closing(workers):
        for number in range(count):
            workers.start(VALUES, Trial(number, 0, 100, folder / str(number)))
            outcomes |= [workers.next_outcome()]
    return outcomes


def places(outcomes: dict[int, Any]) -> list[int]:
    """Return how many trials the process of each trial had served by then, itself included."""
    return [outcome.macs for outcome in outcomes.values()]


def test_a_process_serves_many_trials_and_is_renewed_after_so_many(tmp_path: Path) -> None:
    outcomes = evaluate_all(ProcessWorkers(Tally(), renewal=Renewal(trials=3)), 5, tmp_path)
    assert places(outcomes) == [1, 2, 3, 1, 2]
    assert len({outcome.param_count for outcome in outcomes.values()}) == 2


@pytest.mark.skipif(not own_memory_mib(), reason="/proc does not tell the memory of a process here")
def test_it_is_renewed_when_its_memory_has_grown(tmp_path: Path) -> None:
    outcomes = evaluate_all(ProcessWorkers(Tally(mib=300), renewal=Renewal(memory_mib=400)), 4, tmp_path)
    assert places(outcomes) == [1, 2, 1, 2]


def test_a_candidate_that_fails_or_dies_after_others_is_judged_in_a_fresh_process(tmp_path: Path) -> None:
    training = ToyTraining(crash=(4,), die=(6,))
    outcomes = evaluate_all(ProcessWorkers(Tally(training, die_late=(1,), fail_late=(3,))), 8, tmp_path)
    assert outcomes[4] == "ValueError: trial 4 was told to fail"
    assert outcomes[6] == death(-9)
    measured = {number: outcome.macs for number, outcome in outcomes.items() if not isinstance(outcome, str)}
    assert measured == {0: 1, 1: 1, 2: 2, 3: 1, 5: 1, 7: 1}
    assert [path.parent.name for path in tmp_path.rglob("error.txt")] == ["4"]  # that of trial 3 told of the first try


def test_a_process_that_was_killed_while_it_waited_costs_nothing(tmp_path: Path) -> None:
    workers = ProcessWorkers(Tally())
    with closing(workers):
        workers.start(VALUES, Trial(0, 0, 100, tmp_path / "0"))
        _, first = workers.next_outcome()
        assert isinstance(first, Measurement)
        os.kill(first.param_count, signal.SIGKILL)
        workers.start(VALUES, Trial(1, 0, 100, tmp_path / "1"))
        _, second = workers.next_outcome()
    assert isinstance(second, Measurement) and second.macs == 1


def test_closing_ends_processes_that_wait_and_that_run(tmp_path: Path) -> None:
    workers = ProcessWorkers(Tally(ToyTraining(seconds_per_iteration=0.1)), slots=2)
    workers.start(VALUES, Trial(0, 0, 1, tmp_path / "0"))
    _, first = workers.next_outcome()
    workers.start(VALUES, Trial(1, 0, 1_000, tmp_path / "1"))
    workers.start(VALUES, Trial(2, 0, 1_000, tmp_path / "2"))
    with pytest.raises(TimeoutError):
        workers.next_outcome(0.1)
    workers.close()
    assert isinstance(first, Measurement)
    with pytest.raises(ProcessLookupError):
        os.kill(first.param_count, 0)
    assert not multiprocessing.active_children()
    workers.close()
