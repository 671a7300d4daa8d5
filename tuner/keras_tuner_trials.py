"""The border to keras-tuner's trials: names, metrics, state on disk, and records made from and turned into them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfkws.config.strict import read
from tfkws.errors import ConfigError, RunFolderError
from tfkws.run_folder import read_record, write_json
from tfkws.tuner.history import with_known_costs
from tfkws.tuner.problem.objectives import Objective
from tfkws.tuner.problem.problem import KnownCost
from tfkws.tuner.records.trials import TrialRecord, Values

STATE = "oracle.json"  # of an oracle: its seed and its space; the trials are in the journal


def trial_id_of(record: TrialRecord, max_trials: int | None) -> str:
    """Return keras-tuner's name of a trial: its number, with as many digits as `max_trials` has.

    >>> trial_id_of(TrialRecord(7, 0, {"width": 8}), max_trials=120)
    '007'
    """
    return f"{record.number:0{len(str(max_trials))}d}"


def write_state(folder: Path, seed: int, hyperparameters: Any) -> None:
    """Write, whole, the seed and the `keras_tuner.HyperParameters` of an oracle."""
    write_json(folder / STATE, {"seed": seed, "hyperparameters": hyperparameters.get_config()})


def read_state(folder: Path, seed: int, hyperparameters: Any) -> tuple[int, Any]:
    """Return (seed, hyperparameters) as they were written; the arguments where nothing was written.

    Raises:
        RunFolderError: the file is damaged.
    """
    import keras_tuner

    if not (folder / STATE).exists():
        return seed, hyperparameters
    state = read_record(folder / STATE)
    try:
        stored = keras_tuner.HyperParameters.from_config(state["hyperparameters"])
        return read(int, state["seed"], "seed"), stored
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, ConfigError) as error:
        raise RunFolderError(f"{folder / STATE} is damaged ({str(error)[:200]}); restore it from a copy.") from error


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


def ended_record(trial: Any, running: TrialRecord, outcome: TrialRecord | None, used: Values | None) -> TrialRecord:
    """Return the record of a keras-tuner trial that has ended, with the values that it had in the end.


    Args:
        trial: `keras_tuner.engine.trial.Trial`.
        running: its record while it ran.
        outcome: its record if nothing went wrong; None where it reported nothing.
        used: values that had an effect, of which a trial that worked keeps no others; None where that is not known.
    """
    values = plain_values(trial.hyperparameters)
    if trial.status == "COMPLETED" and outcome is not None:
        return replace(outcome, values=values if used is None else used)
    return replace(running, values=values, status="infeasible", reason=_last_line(trial.message))


def plain_values(hyperparameters: Any) -> dict[str, Any]:
    """Return the values of `keras_tuner.HyperParameters` as a plain dict, without being seen to read them."""
    values = hyperparameters.values
    return {name: dict.__getitem__(values, name) for name in dict.keys(values)}


def used_values(hyperparameters: Any) -> Values | None:
    """Return the values of `keras_tuner.HyperParameters` that a build has read; None where none was traced."""
    return hyperparameters.values.used if getattr(hyperparameters, "built", False) else None


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


def to_keras_trials(
    records: Sequence[TrialRecord], max_trials: int | None, hyperparameters: Any, objective: str
) -> dict[str, Any]:
    """Return the `keras_tuner.engine.trial.Trial` of each record by keras-tuner's name of it, in the given order."""
    names = {trial_id_of(record, max_trials): record for record in records}
    return {name: to_keras_trial(names[name], name, hyperparameters, objective) for name in names}


def _last_line(message: str | None) -> str:
    """Return the line of a traceback that says what went wrong."""
    lines = (message or "it failed without a message").strip().splitlines()
    return lines[-1] if lines else ""
