"""`JournalledOracle`: keras-tuner's Oracle with its trials in a journal, from which it goes on as if never stopped.

keras-tuner keeps one file a trial and its own state beside them. Here the journal holds the trials, each of its lines
on disk before a trial goes on, and `oracle.json` holds the seed and the space.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras_tuner

from tfkws.tuner.history import History
from tfkws.tuner.keras_tuner_trials import read_state, to_keras_trials, trial_id_of, write_state
from tfkws.tuner.records.journal import JOURNAL, Journal
from tfkws.tuner.records.trials import TrialRecord


class JournalledOracle(keras_tuner.Oracle):
    """Keep the trials of a `keras_tuner.Tuner` in a journal; what to try next says a subclass.

    Args:
        objective: `keras_tuner.Objective`, by which keras-tuner scores trials.
        max_trials: number of candidates, None for no end.
        lookahead: of the `History`.
        seed: of all suggestions; 0 is a seed like any other. None draws one.
        journal: where trials are recorded; by default `journal.jsonl` in the tuner's project folder.
        **settings: of `keras_tuner.Oracle`.
    """

    hyperparameters: Any
    trials: dict[str, Any]

    def __init__(
        self,
        objective: Any,
        max_trials: int | None,
        *,
        lookahead: int,
        seed: int | None,
        journal: Journal | None,
        **settings: Any,
    ) -> None:
        # A failed candidate is an infeasible one, so no number of them ends the search.
        settings = {"max_consecutive_failed_trials": None} | settings
        super().__init__(objective, max_trials=max_trials, seed=seed, **settings)
        if seed is not None:
            self.seed = self._seed_state = seed  # keras-tuner 1.4.8 takes 0 for none
        self.lookahead = lookahead
        self._journal = journal
        self._history: History | None = None
        self._given = settings.get("hyperparameters") is not None
        self._loaded: tuple[int, set[str]] = (0, set())  # finished trials and parameters that were there before

    @property
    def history(self) -> list[TrialRecord]:
        """Finished trials in order of arrival, then running ones in order of suggestion."""
        return [] if self._history is None else self._history.records

    def save(self) -> None:
        """Write, whole, what the journal does not hold: the seed, and the space as far as keras-tuner knows it."""
        write_state(Path(self._project_dir), self.seed, self.hyperparameters)

    def _save_trial(self, trial: Any) -> None:
        """Do nothing: the journal holds the trials, and each of its lines is on disk before a trial goes on."""

    def reload(self) -> None:
        """Read the journal; unfinished trials are handed out again, with their values and numbers."""
        self._history = self._read_history()

    def _loaded_history(self) -> History:
        # Not read in the constructor: a Tuner names the project folder later, and may empty it.
        if self._history is None:
            self._history = self._read_history()
        return self._history

    def _read_history(self) -> History:
        folder = Path(self._project_dir)
        self.seed, stored = read_state(folder, self.seed, self.hyperparameters)
        self.hyperparameters = self.hyperparameters if self._given else stored
        history = History(self._journal or Journal(folder / JOURNAL), self.lookahead)
        history.load()
        self.trials = to_keras_trials(history.records, self.max_trials, self.hyperparameters, self.objective.name)
        self.start_order = list(self.trials)
        self.end_order = [trial_id_of(record, self.max_trials) for record in history.finished_trials]
        self._loaded = len(history.finished_trials), {hp.name for hp in stored.space}
        self._hand_out_again(history.running.values())
        return history

    def _added_since_loading(self) -> frozenset[str]:
        """Parameters that a changed script has and the stored trials had not: every trial since then reads them."""
        count, known = self._loaded
        since = self._loaded_history().finished_trials[count:]
        read = [record.values.keys() for record in since if record.status != "infeasible"]
        names = [hp.name for hp in self.hyperparameters.space if hp.name not in known]
        return frozenset(name for name in names if count and read and all(name in each for each in read))

    def _hand_out_again(self, interrupted: Iterable[TrialRecord]) -> None:
        # keras-tuner takes from the end: the lowest number comes last.
        self._retry_queue = [trial_id_of(record, self.max_trials) for record in interrupted][::-1]
