"""What comes of a trial: a measurement, a reason why it has none, or a fault of the machine."""

import traceback
from contextlib import suppress
from dataclasses import dataclass

from tfkws.errors import TfkwsError
from tfkws.tuner.evaluate import Evaluate, Trial
from tfkws.tuner.records.trials import Measurement, Values
from tfkws.tuner.workers.machine_fault import MachineFault, machine_fault

Outcome = Measurement | str  # a measurement, or why the candidate is infeasible
ERROR_FILE = "error.txt"


@dataclass(frozen=True)
class Answer:
    """What an evaluation answers.

    Attributes:
        outcome: of the candidate, or what is wrong with the machine.
        certain: whether another try in a fresh process could not end otherwise: it was measured, or refused by a
            rule of this package, or the machine failed.
    """

    outcome: Outcome | MachineFault
    certain: bool = True


def evaluate_safely(evaluate: Evaluate, values: Values, trial: Trial) -> Answer:
    """Return a measurement, the message of an exception, or what is wrong with the machine.

    The traceback goes to `error.txt` in the trial's folder, in place of that of an earlier try.
    """
    try:
        trial.folder.mkdir(parents=True, exist_ok=True)
        (trial.folder / ERROR_FILE).unlink(missing_ok=True)
        return Answer(evaluate(values, trial))
    except Exception as error:  # noqa: BLE001 - whatever a candidate does, the search goes on
        if fault := machine_fault(error):
            return Answer(fault)
        with suppress(OSError):
            (trial.folder / ERROR_FILE).write_text(traceback.format_exc(), encoding="utf-8", errors="replace")
        return Answer(f"{type(error).__name__}: {error}", certain=isinstance(error, TfkwsError))


def judged(number: int, outcome: Outcome | MachineFault) -> Outcome:
    """Return an outcome of candidate `number` (int).

    Raises:
        SearchError: it is one of the machine, which ends the search.
    """
    if isinstance(outcome, MachineFault):
        raise outcome.error(number)
    return outcome


def death(exit_code: int) -> str:
    """Return the sentence on a candidate whose process died.

    Args:
        exit_code: int; for a signal its negative number.
    """
    return f"its process died with exit code {exit_code}, for example because it ran out of memory"
