"""`ParetoOracle` as `tfkws search` uses it: in stages, and without a `keras_tuner.Tuner`."""

import itertools
from pathlib import Path

import keras_tuner
from keras_tuner.engine.trial import TrialStatus

from tfkws.config import SearchConfig
from tfkws.tuner.history import History
from tfkws.tuner.keras_tuner_trials import trial_id_of
from tfkws.tuner.oracle import ParetoOracle
from tfkws.tuner.problem.keras_tuner_space import to_hyperparameters
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.proposal import Stage
from tfkws.tuner.records.trials import Measurement, TrialRecord


class StagedOracle(ParetoOracle):
    """A `ParetoOracle` that goes from stage to stage and takes whole measurements.

    Args:
        problem: of the first stage.
        config: strategy, lookahead and seed.
        folder: of the search; its journal is read.
    """

    def __init__(self, problem: Problem, config: SearchConfig, folder: Path) -> None:
        super().__init__(
            problem.objectives,
            known_costs=problem.known_costs,
            limits=problem.limits,
            worst=problem.worst,
            strategy=config.strategy,
            lookahead=config.lookahead,
            seed=config.seed,
        )
        self.verbose = 0
        self._set_project_dir(str(folder.parent), folder.name)
        self.start_stage(Stage(0, problem))

    @property
    def stage(self) -> Stage:
        """The stage that was started last."""
        return self._stage

    @property
    def trials_so_far(self) -> History:
        """The history, to be read only."""
        return self._loaded_history()

    def start_stage(self, stage: Stage) -> None:
        """Search `stage` from now on, its interrupted trials first.

        The trials of earlier stages must be finished.
        """
        self._stage = stage
        self.hyperparameters = to_hyperparameters(stage.problem.space)
        interrupted = [record for record in self.trials_so_far.running.values() if record.stage == stage.number]
        self._hand_out_again(interrupted)

    def next_trial(self) -> TrialRecord | None:
        """Start the next trial of the stage and return its record; None where nothing is left to try."""
        tuner_id = next(name for i in itertools.count() if (name := f"worker{i}") not in self.ongoing_trials)
        trial = self.create_trial(tuner_id)
        return self.trials_so_far.running[int(trial.trial_id)] if trial.status == TrialStatus.RUNNING else None

    def finish(self, record: TrialRecord, outcome: Measurement | str) -> None:
        """End a running trial by its measurement, or by the reason why it has none.

        Raises:
            KeyError: no trial of that record was started.
        """
        trial = self.trials[trial_id_of(record, self.max_trials)]
        reason = outcome if isinstance(outcome, str) else self._report(record, outcome)
        trial.status = TrialStatus.INVALID if reason else TrialStatus.COMPLETED
        trial.message = reason or None
        self.end_trial(trial)

    def save(self) -> None:
        """Do nothing: `config.json` of the search folder has the seed and the space."""

    def _report(self, record: TrialRecord, measurement: Measurement) -> str:
        """Take a measurement; return why it is unusable, or nothing."""
        try:
            self.update_trial(trial_id_of(record, self.max_trials), measurement.metrics)
        except keras_tuner.errors.FailedTrialError as error:
            return str(error)
        stopped_early = measurement.stopped_early
        metrics = self.trials_so_far.outcomes[record.number].metrics
        self.trials_so_far.measured(record.number, metrics, measurement.curve, stopped_early=stopped_early)
        return ""
