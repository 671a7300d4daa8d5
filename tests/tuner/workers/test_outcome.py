"""What an evaluation answers: measurements, failures that another process might not have, refusals, broken machines."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from fake_trainings import ToyTraining

from tfkws.errors import SearchError
from tfkws.tuner.evaluate import Trial
from tfkws.tuner.records.trials import Measurement, Values
from tfkws.tuner.workers.machine_fault import MachineFault
from tfkws.tuner.workers.outcome import ERROR_FILE, death, evaluate_safely, judged

VALUES = {"width": 2, "depth": 2, "kernel": 3}


@dataclass(frozen=True)
class Failing:
    """Raises an error."""

    error: Exception

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Raise it."""
        raise self.error


@pytest.mark.parametrize(
    ("error", "certain"),
    [(ValueError("a kernel of 0"), False), (MemoryError("much"), False), (SearchError("above the limit of 3"), True)],
)
def test_only_what_this_package_refuses_is_certain(error: Exception, certain: bool, tmp_path: Path) -> None:
    answer = evaluate_safely(Failing(error), VALUES, Trial(0, 0, 100, tmp_path))
    assert (answer.outcome, answer.certain) == (f"{type(error).__name__}: {error}", certain)
    assert "Traceback" in (tmp_path / ERROR_FILE).read_text()
    assert evaluate_safely(ToyTraining(), VALUES, Trial(0, 0, 100, tmp_path)).certain
    assert not (tmp_path / ERROR_FILE).exists()


def test_a_fault_of_the_machine_is_raised_with_the_number_of_the_trial(tmp_path: Path) -> None:
    answer = evaluate_safely(Failing(OSError(28, "No space left on device")), VALUES, Trial(0, 0, 100, tmp_path))
    assert answer.certain and isinstance(answer.outcome, MachineFault)
    with pytest.raises(SearchError, match="Trial 7 could not be run"):
        judged(7, answer.outcome)
    assert judged(7, death(-9)) == death(-9) and "exit code -9" in death(-9)
