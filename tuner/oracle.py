"""`ParetoOracle`: the history of a search behind keras-tuner's Oracle.

Only an adapter, for any keras-tuner script and for `tfkws search`: trials are kept by `tfkws.tuner.journalled_oracle`,
found by `tfkws.tuner.proposal`, and translated by `tfkws.tuner.keras_tuner_trials`.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from keras_tuner.engine.trial import TrialStatus

from tfkws.tuner.fronts.front import front_by_front, front_of
from tfkws.tuner.journalled_oracle import JournalledOracle
from tfkws.tuner.keras_tuner_trials import complete_metrics, ended_record, plain_values, trial_id_of, used_values
from tfkws.tuner.problem.keras_tuner_space import active_values, from_hyperparameters, to_keras_objective, to_objective
from tfkws.tuner.problem.problem import KnownCost, Problem
from tfkws.tuner.problem.traced_values import TracedHyperParameters, with_moved
from tfkws.tuner.proposal import Stage, StartFrom, suggest
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import TrialRecord
from tfkws.tuner.strategies.strategies import get_strategy


class ParetoOracle(JournalledOracle):
    """Search under several objectives, for a `keras_tuner.Tuner` of your own; `docs/search.md` has a whole script.

    `Tuner.run_trial` returns a dict with every objective; those in `known_costs` may be left out. keras-tuner itself
    sees the first objective only, which is right within one trial: the others do not change while it trains.

    Args:
        objectives: `tfkws.tuner.problem.objectives.Objective` or `keras_tuner.Objective`; the first one is learned.
        max_trials: number of candidates, None for no end.
        known_costs, limits, worst: exact costs before training, and bounds; see `Problem`.
        strategy: name in `tfkws.tuner.strategies.strategies.STRATEGIES`.
        lookahead: suggestion n goes by the first n - lookahead results. With up to lookahead + 1 trials at a time, the
            same seed gives the same suggestions as long as the results arrive in the same order.
        seed: of all suggestions; 0 is a seed like any other. None draws one.
        journal: where trials are recorded; by default `journal.jsonl` in the tuner's project folder.
        start_from: names the trial whose weights a candidate begins with, from (values, visible history).
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
        self.objectives = tuple(to_objective(objective) for objective in objectives)
        objective = to_keras_objective(self.objectives[0])
        super().__init__(objective, max_trials, lookahead=lookahead, seed=seed, journal=journal, **settings)
        space = from_hyperparameters(self.hyperparameters)
        self.problem = Problem(space, self.objectives, dict(known_costs or {}), dict(limits or {}), worst)
        self.strategy = get_strategy(strategy)
        self.start_from = start_from
        self._guard = threading.RLock()

    @property
    def stage(self) -> Stage:
        """What is searched: one stage, of the space as far as keras-tuner knows it by now."""
        known = self.hyperparameters
        problem = replace(
            self.problem,
            space=from_hyperparameters(known),
            narrow=partial(active_values, known),
            added=self._added_since_loading(),
        )
        return Stage(0, problem, start_from=self.start_from)

    def front(self) -> list[TrialRecord]:
        """Return the Pareto-optimal trials."""
        return front_of(self.history, self.stage.problem)

    def get_best_trials(self, num_trials: int = 1) -> list[Any]:
        """Return keras-tuner's trials front by front, the Pareto front first, within a front by the first objective."""
        best = front_by_front(self.history, self.objectives)[:num_trials]
        return [self.trials[trial_id_of(record, self.max_trials)] for record in best]

    def create_trial(self, tuner_id: str) -> Any:
        """Return the next trial of a tuner; its status is "STOPPED" where nothing is left to try."""
        with self._guard:
            history = self._loaded_history()
            handed_out_before = bool(self._retry_queue) or tuner_id in self.ongoing_trials
            full = self.max_trials is not None and len(self.trials) >= self.max_trials
            if not handed_out_before and not full:
                # Not in `populate_space`, where an error would leave keras-tuner's lock locked.
                suggest(self.stage, history, self.strategy, self.seed)
            trial = super().create_trial(tuner_id)
            trial.hyperparameters = TracedHyperParameters(trial.hyperparameters, may_move=not self._given)
            return trial

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the values that were suggested for a trial, to keras-tuner."""
        record = self._loaded_history().running.get(int(trial_id))
        if record is None:
            return {"status": TrialStatus.STOPPED}
        return {"status": TrialStatus.RUNNING, "values": dict(record.values)}

    def update_trial(self, trial_id: str, metrics: Mapping[str, float], step: int = 0) -> Any:
        """Take metrics of a trial; known costs that are missing are filled in.

        Raises:
            keras_tuner.errors.FatalValueError: an objective is missing.
            keras_tuner.errors.FailedTrialError: an objective is not a finite number; the trial becomes infeasible.
        """
        with self._guard:
            values = plain_values(self.trials[trial_id].hyperparameters)
            complete = complete_metrics(metrics, values, self.objectives, self.problem.known_costs)
            trial = super().update_trial(trial_id, complete, step)
            self._loaded_history().measured(int(trial_id), complete)
            return trial

    def end_trial(self, trial: Any) -> None:
        """Record a finished trial: completed, stopped early, or infeasible if it failed."""
        with self._guard:
            history = self._loaded_history()
            outcome = history.outcomes.get(int(trial.trial_id))
            used = used_values(trial.hyperparameters)  # keras-tuner is about to read all of them
            if trial.status == TrialStatus.COMPLETED and outcome is None:
                trial.status = TrialStatus.INVALID
                trial.message = "it ended without any metrics"
            if moved := getattr(trial.hyperparameters, "moved", None):
                self.hyperparameters = with_moved(self.hyperparameters, moved)
            super().end_trial(trial)
            if trial.trial_id not in self._retry_queue:
                ended = self.trials[trial.trial_id]  # keras-tuner may have changed its status
                history.finished(ended_record(ended, history.running[int(trial.trial_id)], outcome, used))
