"""`ParetoOracle`: the strategies of `tfkws.tuner.strategies` behind keras-tuner's Oracle, for any keras-tuner script.

Only an adapter: it holds no mathematics. Its state is the journal, not keras-tuner's `oracle.json`.
"""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import Trial as KerasTrial
from keras_tuner.engine.trial import TrialStatus

from tfkws.errors import SearchError
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.fronts.front import front_of
from tfkws.tuner.fronts.pareto import nondomination_rank
from tfkws.tuner.problem.keras_tuner_space import from_hyperparameters, to_hyperparameters
from tfkws.tuner.problem.objectives import Objective, to_losses
from tfkws.tuner.problem.problem import KnownCost, Problem
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import Measurement, Status, TrialRecord, Values, completed, visible_history
from tfkws.tuner.strategies.strategies import get_strategy

StartFrom = Callable[[Values, Sequence[TrialRecord]], int | None]
JOURNAL = "journal.jsonl"
STATE = "oracle.json"


class ParetoOracle(keras_tuner.Oracle):
    """Search under several objectives, for a `keras_tuner.Tuner` of your own.

    `Tuner.run_trial` returns a dict with every objective; those in `known_costs` may be left out. keras-tuner itself
    sees the first objective only, which is right within one trial: the others do not change while it trains.

    Args:
        objectives: `tfkws.tuner.problem.objectives.Objective` or `keras_tuner.Objective`; the first one is learned.
        max_trials: number of candidates, None for no end.
        known_costs: exact cost of values by name, before training; see `Problem`.
        limits: largest value of a known cost; candidates above it are never drawn.
        worst: worst acceptable value of the first objective: what is worse is on no front.
        strategy: name in `tfkws.tuner.strategies.strategies.STRATEGIES`.
        lookahead: suggestion n goes by the first n - lookahead results. With up to lookahead + 1 trials at a time, the
            same seed gives the same suggestions as long as the results arrive in the same order.
        seed: of all suggestions; 0 is a seed like any other. None draws one.
        journal: where trials are recorded; by default `journal.jsonl` in the tuner's project folder.
        start_from: tells whose weights a candidate begins with, from (values, visible history); recorded with it.
        **settings: of `keras_tuner.Oracle`.
    """

    def __init__(
        self,
        objectives: Sequence[Any],
        max_trials: int | None = None,
        *,
        known_costs: Mapping[str, KnownCost] | None = None,
        limits: Mapping[str, float] | None = None,
        worst: float | None = None,
        strategy: str = "ours",
        lookahead: int = 3,
        seed: int | None = None,
        journal: Journal | None = None,
        start_from: StartFrom | None = None,
        **settings: Any,
    ) -> None:
        self.objectives = tuple(_objective(objective) for objective in objectives)
        first = keras_tuner.Objective(self.objectives[0].name, self.objectives[0].direction)
        # A failed candidate is an infeasible one, so no number of them ends the search.
        settings = {"max_consecutive_failed_trials": None} | settings
        super().__init__(objective=first, max_trials=max_trials, seed=seed, **settings)
        if seed is not None:
            self.seed = self._seed_state = seed  # keras-tuner 1.4.8 takes 0 for none
        self.strategy = get_strategy(strategy)
        self.known_costs, self.limits = dict(known_costs or {}), dict(limits or {})
        self.worst, self.lookahead = worst, lookahead
        self.stage, self._settled = 0, 0
        self._problem: Problem | None = None
        self._queue: list[Values] = []
        self._finished: list[TrialRecord] = []
        self._running: dict[str, TrialRecord] = {}
        self._reports: dict[str, Measurement] = {}
        self._metrics: dict[str, dict[str, float]] = {}
        self._journal, self._loaded = journal, False
        self._start_from = start_from
        self._suggestion: Values | None = None
        self._guard = threading.RLock()

    @property
    def history(self) -> list[TrialRecord]:
        """Finished trials in order of arrival, then running ones in order of suggestion."""
        return [*self._finished, *self._running.values()]

    @property
    def problem(self) -> Problem:
        """What is searched: as `start_stage` set it, else what keras-tuner knows of the space by now."""
        if self._problem is not None:
            return self._problem
        space = from_hyperparameters(self.hyperparameters)
        return Problem(space, self.objectives, self.known_costs, self.limits, self.worst)

    def front(self) -> list[TrialRecord]:
        """The Pareto-optimal trials."""
        return front_of(self._finished, self.problem)

    def stage_records(self, stage: int) -> list[TrialRecord]:
        """The trials of one stage so far, running ones included."""
        return [record for record in self.history if record.stage == stage]

    def start_stage(self, stage: int, problem: Problem, queue: Sequence[Values] = ()) -> None:
        """Search `problem` from now on, trying `queue` first; the trials of earlier stages must be finished."""
        with self._guard:
            self.stage, self._problem = stage, problem
            self._load()
            self._queue = list(queue)[sum(record.stage == stage for record in self.history) :]
            self._settled = sum(record.stage < stage for record in self._finished)
            self.hyperparameters = to_hyperparameters(problem.space)

    def visible(self, number: int) -> list[TrialRecord]:
        """The history as suggestion `number` sees it."""
        return visible_history(self.history, max(self._settled, number - self.lookahead))

    def create_trial(self, tuner_id: str) -> Any:
        """Return the next trial.

        Values are suggested before keras-tuner takes its lock, which it would keep after an error.
        """
        with self._guard:
            self._load()
            retried = bool(self._retry_queue) or tuner_id in self.ongoing_trials
            full = self.max_trials is not None and len(self.trials) >= self.max_trials
            self._suggestion = None if retried or full else self._suggest()
            trial = super().create_trial(tuner_id)
            if trial.status == TrialStatus.RUNNING and trial.trial_id not in self._running:
                self._record(self._started_record(dict(trial.hyperparameters.values)), trial.trial_id)
            return trial

    def started_from(self, trial_id: str) -> int | None:
        """Number of the trial whose weights a running one begins with."""
        return self._running[trial_id].started_from

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Hand the suggestion to keras-tuner."""
        if self._suggestion is None:
            return {"status": TrialStatus.STOPPED}
        return {"status": TrialStatus.RUNNING, "values": self._active(self._suggestion)}

    def report(self, trial_id: str, measurement: Measurement) -> None:
        """Take a full measurement; the alternative of `tfkws search` to `update_trial`."""
        self._reports[trial_id] = measurement
        self.update_trial(trial_id, measurement.metrics)

    def update_trial(self, trial_id: str, metrics: Mapping[str, float], step: int = 0) -> Any:
        """Take metrics of a trial; known costs that are missing are filled in.

        Raises:
            keras_tuner.errors.FatalValueError: an objective is missing.
            keras_tuner.errors.FailedTrialError: an objective is not a finite number; the trial becomes infeasible.
        """
        with self._guard:
            complete = self._completed(trial_id, metrics)
            trial = super().update_trial(trial_id, complete, step)
            self._metrics[trial_id] = complete
            return trial

    def end_trial(self, trial: Any) -> None:
        """Record a finished trial: completed, stopped early, or infeasible if it failed."""
        with self._guard:
            if trial.status == TrialStatus.COMPLETED and trial.trial_id not in self._metrics:
                trial.status, trial.message = TrialStatus.INVALID, "it ended without any metrics"
            super().end_trial(trial)
            if trial.trial_id not in self._retry_queue:
                self._record(self._finished_record(self.trials[trial.trial_id]), trial.trial_id)

    def get_best_trials(self, num_trials: int = 1) -> list[Any]:
        """Trials front by front, within a front by the first objective: those of rank 0 are the Pareto front."""
        known = completed(self._finished)
        losses = to_losses(known, self.objectives)
        order = np.lexsort((losses[:, 0], nondomination_rank(losses)))
        by_number = {int(trial_id): trial for trial_id, trial in self.trials.items()}
        return [by_number[known[i].number] for i in order[:num_trials]]

    def save(self) -> None:
        """Write, whole, what the journal does not hold: the seed, and the space as far as keras-tuner knows it."""
        if self._problem is None:
            state = {"seed": self.seed, "hyperparameters": self.hyperparameters.get_config()}
            write_json(Path(self._project_dir) / STATE, state)

    def _save_trial(self, trial: Any) -> None:
        """Do nothing: the journal holds the trials, and each of its lines is on disk before a trial goes on."""

    def reload(self) -> None:
        """Read the journal; unfinished trials are handed out again, with their values and numbers."""
        self._loaded = True
        if self._problem is None and (state_path := Path(self._project_dir) / STATE).exists():
            state = read_json(state_path)
            self.seed = state["seed"]
            self.hyperparameters = keras_tuner.HyperParameters.from_config(state["hyperparameters"])
        for record in self.journal.load():
            trial_id = f"{{:0{len(str(self.max_trials))}d}}".format(record.number)
            self.trials[trial_id] = self._restored(trial_id, record)
            self.start_order.append(trial_id)
            if record.status == "running":
                self._running[trial_id] = record
                self._retry_queue.insert(0, trial_id)  # keras-tuner takes from the end: the lowest number
            else:
                self._finished.append(record)
                self.end_order.append(trial_id)

    @property
    def journal(self) -> Journal:
        """Where trials are recorded."""
        if self._journal is None:
            self._journal = Journal(Path(self._project_dir) / JOURNAL)
        return self._journal

    def _load(self) -> None:
        # Not in the constructor: a Tuner names the project folder later, and may empty it.
        if not self._loaded:
            self.reload()

    def _suggest(self) -> Values | None:
        number = len(self.history)
        if self._queue:
            return self._queue.pop(0)
        return self.strategy(self.visible(number), self.problem, np.random.default_rng((self.seed, number)))

    def _started_record(self, values: Values) -> TrialRecord:
        number = len(self.history)
        start = None if self._start_from is None else self._start_from(values, self.visible(number))
        return TrialRecord(number, self.stage, values, started_from=start)

    def _active(self, values: Values) -> dict[str, Any]:
        """Leave out parameters whose conditions do not hold."""
        hyperparameters = keras_tuner.HyperParameters()
        for parameter in self.hyperparameters.space:
            hyperparameters.merge([parameter])
            if hyperparameters.is_active(parameter):
                hyperparameters.values[parameter.name] = values[parameter.name]
        return dict(hyperparameters.values)

    def _completed(self, trial_id: str, metrics: Mapping[str, float]) -> dict[str, float]:
        values = self.trials[trial_id].hyperparameters.values
        complete = dict(metrics)
        for objective in self.objectives:
            if objective.name not in complete and objective.name in self.known_costs:
                complete[objective.name] = float(self.known_costs[objective.name](values))
            if objective.name not in complete:
                raise keras_tuner.errors.FatalValueError(
                    f"A trial must report {objective.name}. Received {', '.join(metrics)}; return it, "
                    "or hand in known_costs."
                )
            if not math.isfinite(complete[objective.name]):
                raise keras_tuner.errors.FailedTrialError(f"{objective.name} is {complete[objective.name]}.")
        return {name: int(value) if isinstance(value, Integral) else float(value) for name, value in complete.items()}

    def _finished_record(self, trial: Any) -> TrialRecord:
        started, report = self._running[trial.trial_id], self._reports.get(trial.trial_id)
        values = dict(trial.hyperparameters.values)
        if trial.status != TrialStatus.COMPLETED:
            return replace(started, values=values, status="infeasible", reason=_last_line(trial.message))
        status: Status = "stopped" if report is not None and report.stopped_early else "completed"
        curve = report.curve if report is not None else ()
        return replace(started, values=values, status=status, metrics=self._metrics[trial.trial_id], curve=curve)

    def _record(self, record: TrialRecord, trial_id: str) -> None:
        self.journal.append(record)
        if record.status == "running":
            self._running[trial_id] = record
        else:
            self._running.pop(trial_id)
            self._finished.append(record)

    def _restored(self, trial_id: str, record: TrialRecord) -> Any:
        hyperparameters = self.hyperparameters.copy()
        hyperparameters.values = dict(record.values)
        trial = KerasTrial(hyperparameters, trial_id, _KERAS_STATUS[record.status], record.reason or None)
        for name, value in record.metrics.items():
            trial.metrics.update(name, value)
        trial.score = record.metrics.get(self.objectives[0].name)
        self._metrics |= {trial_id: dict(record.metrics)} if record.metrics else {}
        return trial


_KERAS_STATUS = {
    "running": TrialStatus.RUNNING,
    "completed": TrialStatus.COMPLETED,
    "stopped": TrialStatus.COMPLETED,
    "infeasible": TrialStatus.FAILED,
}


def _objective(objective: Any) -> Objective:
    if isinstance(objective, Objective):
        return objective
    if isinstance(objective, keras_tuner.Objective) and objective.direction in ("min", "max"):
        return Objective(objective.name, objective.direction)
    raise SearchError(
        f"An objective must be a tfkws.tuner.problem.objectives.Objective or a keras_tuner.Objective with a direction. "
        f"Received {objective!r}."
    )


def _last_line(message: str | None) -> str:
    """The line of a traceback that says what went wrong."""
    lines = (message or "it failed without a message").strip().splitlines()
    return lines[-1] if lines else ""
