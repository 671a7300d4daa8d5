"""A full disk is no fault of a candidate: the search ends in a sentence and its trial stays open."""

import errno
import os
import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fake_trainings import SPACE, ToyTraining, toy_macs

from tfkws.config import SearchConfig
from tfkws.errors import ModelError, SearchError
from tfkws.tuner.evaluate import Trial
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import Measurement, Values
from tfkws.tuner.search import run_search
from tfkws.tuner.workers.machine_fault import machine_fault

CONFIG = SearchConfig("toy", (6,), 100, 0, strategy="random", early_stopping=False)
OF_THE_MACHINE = (
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.ENOENT, errno.EMFILE,
)  # fmt: skip


@dataclass(frozen=True)
class Breaking:
    """A `ToyTraining` whose trials of some numbers meet an error of the operating system."""

    code: int
    numbers: tuple[int, ...] = (2,)

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Fail, or pretend to train."""
        if trial.number in self.numbers:
            raise OSError(self.code, os.strerror(self.code), "model.keras")
        return ToyTraining()(values, trial)


def search(folder: Path, evaluate: Any, **options: Any) -> Any:
    return run_search(CONFIG, evaluate, folder, space=SPACE, known_costs={"macs": toy_macs}, **options)


@pytest.mark.parametrize("code", OF_THE_MACHINE, ids=errno.errorcode.__getitem__)
def test_a_fault_of_the_machine_ends_the_search_and_the_trial_stays_open(code: int, tmp_path: Path) -> None:
    with pytest.raises(SearchError, match=f"Trial 2 .*{os.strerror(code)} .model.keras.*stays open"):
        search(tmp_path / "s", Breaking(code))
    records = Journal(tmp_path / "s" / "journal.jsonl").load()
    assert [(r.number, r.status) for r in records] == [(0, "completed"), (1, "completed"), (2, "running")]
    result = search(tmp_path / "s", ToyTraining())
    assert [r.status for r in result.records] == ["completed"] * 6
    undisturbed = search(tmp_path / "t", ToyTraining())
    assert [r.values for r in result.records] == [r.values for r in undisturbed.records]


def test_so_it_does_from_a_process_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="Trial 0 could not be run.*No space left on device"):
        search(tmp_path, Breaking(errno.ENOSPC, (0,)), workers=1)
    assert [r.status for r in Journal(tmp_path / "journal.jsonl").load()] == ["running"]


def _wrapped(code: int) -> Exception:
    error = ModelError("the model cannot be saved")
    error.__cause__ = OSError(code, os.strerror(code))
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (_wrapped(errno.ENOSPC), "No space left on device"),
        (RuntimeError("model.h5; No space left on device [Op:SaveV2]"), "No space left on device"),
        (OSError("Unable to synchronously create file"), "Unable to synchronously create file"),
        (_wrapped(errno.ENOENT), None),  # a file that was looked for and not needed
        (ValueError("a kernel of 0"), None),
        (MemoryError(), None),
        (ConnectionResetError(errno.ECONNRESET, "the board went away"), None),
    ],
)
def test_what_is_a_fault_of_the_machine(error: Exception, reason: str | None) -> None:
    fault = machine_fault(error)
    assert (fault.reason if fault else None) == reason
    assert pickle.loads(pickle.dumps(fault)) == fault


def test_a_trial_folder_that_cannot_be_made_is_one_too(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "trials").write_text("a file where the folders should be")
    with pytest.raises(SearchError, match="Trial 0 could not be run"):
        search(tmp_path / "s", ToyTraining())


def test_a_search_in_which_all_fails_ends_early_with_the_reason(tmp_path: Path) -> None:
    broken = ToyTraining(crash=tuple(range(20)))
    with pytest.raises(SearchError, match=r"All 5 trials failed, the last one because of ValueError: trial 4 was told"):
        run_search(
            replace(CONFIG, stages=(20,)), broken, tmp_path / "s", space=SPACE, known_costs={"macs": toy_macs}
        )  # fmt: skip
    assert len(Journal(tmp_path / "s" / "journal.jsonl").load()) == 5


def test_a_short_one_ends_so_at_its_end_and_when_it_is_resumed(tmp_path: Path) -> None:
    short = replace(CONFIG, stages=(2,))
    for _ in range(2):
        with pytest.raises(SearchError, match="All 2 trials failed"):
            run_search(
                short, ToyTraining(crash=(0, 1)), tmp_path, space=SPACE, known_costs={"macs": toy_macs}
            )  # fmt: skip


def test_failures_before_the_first_success_are_forgiven(tmp_path: Path) -> None:
    result = search(tmp_path, ToyTraining(crash=(0, 1, 2, 3)))
    assert [r.status for r in result.records] == ["infeasible"] * 4 + ["completed"] * 2
