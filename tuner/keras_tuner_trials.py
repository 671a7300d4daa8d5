"""The border to keras-tuner's trials: their metrics, and records made from them and turned into them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tfkws.tuner.history import with_known_costs
from tfkws.tuner.problem.objectives import Objective
from tfkws.tuner.problem.problem import KnownCost
from tfkws.tuner.records.trials import TrialRecord, Values


def complete_metrics(
    metrics: Mapping[str, float], values: Values, objectives: Sequence[Objective], known_costs: Mapping[str, KnownCost]
) -> dict[str, float]:
    """Return the metrics that a trial reports, with the known costs that they lack.

    Raises:
        keras_tuner.errors.FatalValueError: an objective is missing.
        keras_tuner.errors.FailedTrialError: an objective is not a finite number.
    """
    import keras_tuner

    complete = with_known_costs(metrics, values, objectives, known_costs)
    for name in [objective.name for objective in objectives]:
        if name not in complete:
            raise keras_tuner.errors.FatalValueError(
                f"A trial must report {name}. Received {', '.join(metrics)}; return it, or hand in known_costs."
            )
        if not math.isfinite(complete[name]):
            raise keras_tuner.errors.FailedTrialError(f"{name} is {complete[name]}.")
    return complete


def ended_record(trial: Any, running: TrialRecord, outcome: TrialRecord | None) -> TrialRecord:
    """Return the record of a keras-tuner trial that has ended, with the values that it had in the end.

    Args:
        trial: `keras_tuner.engine.trial.Trial`.
        running: its record while it ran.
        outcome: its record if nothing went wrong; None where it reported nothing.
    """
    values = dict(trial.hyperparameters.values)
    if trial.status == "COMPLETED" and outcome is not None:
        return replace(outcome, values=values)
    return replace(running, values=values, status="infeasible", reason=_last_line(trial.message))


def to_keras_trial(record: TrialRecord, trial_id: str, hyperparameters: Any, objective: str) -> Any:
    """Return the `keras_tuner.engine.trial.Trial` of a record.

    Args:
        record: of the journal.
        trial_id: keras-tuner's name of it.
        hyperparameters: `keras_tuner.HyperParameters` of the search, whatever their values are.
        objective: name of the metric that is keras-tuner's score.
    """
    from keras_tuner.engine.trial import Trial, TrialStatus

    status = {
        "running": TrialStatus.RUNNING,
        "completed": TrialStatus.COMPLETED,
        "stopped": TrialStatus.COMPLETED,
        "infeasible": TrialStatus.FAILED,
    }
    own = hyperparameters.copy()
    own.values = dict(record.values)
    trial = Trial(own, trial_id, status[record.status], record.reason or None)
    for name, value in record.metrics.items():
        trial.metrics.update(name, value)
    trial.score = record.metrics.get(objective)
    return trial


def _last_line(message: str | None) -> str:
    """Return the line of a traceback that says what went wrong."""
    lines = (message or "it failed without a message").strip().splitlines()
    return lines[-1] if lines else ""
