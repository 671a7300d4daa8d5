"""The border to Optuna: candidates from its multi-objective tree-structured Parzen estimator (TPE)."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tfkws.tuner.problem.objectives import to_losses
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import TrialRecord, Value
from tfkws.tuner.strategies.candidates import project


def ask_optuna(
    history: Sequence[TrialRecord], problem: Problem, rng: np.random.Generator, *, count: int
) -> Iterator[dict[str, Value]]:
    """Propose candidates by Optuna's multi-objective TPE sampler, given the history.

    The sampler sees each parameter as a position among its choices, and running trials as running, so that it
    keeps away from them.

    Args:
        count: of proposals, an int.

    Yields:
        Up to `count` proposals.
    """
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**31)), n_startup_trials=0)
        study = optuna.create_study(directions=["minimize"] * len(problem.objectives), sampler=sampler)
    finally:
        optuna.logging.set_verbosity(level)
    space = problem.space
    ranges = {space.names[i]: len(space.params[i].choices) for i in space.free}
    distributions: dict[str, Any] = {
        name: optuna.distributions.IntDistribution(0, size - 1) for name, size in ranges.items()
    }
    for record in history:
        if record.status in ("completed", "stopped", "running"):
            study.add_trial(_told(record, problem, distributions))
    for _ in range(count):
        asked = study.ask(distributions).params
        yield space.values_at([asked.get(name, 0) for name in space.names])


def _told(record: TrialRecord, problem: Problem, distributions: dict) -> Any:
    import optuna

    values = project(record.values, problem.space)
    choices = {param.name: param.choices for param in problem.space.params}
    params = {name: choices[name].index(values[name]) for name in distributions if name in values}
    running = record.status == "running"
    return optuna.trial.create_trial(
        state=optuna.trial.TrialState.RUNNING if running else optuna.trial.TrialState.COMPLETE,
        params=params,
        distributions={name: distributions[name] for name in params},
        values=None if running else list(to_losses([record], problem.objectives)[0]),
    )
