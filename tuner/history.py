"""The history of a search: its trials in memory, over the journal that keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Integral

from tfkws.tuner.problem.objectives import Objective
from tfkws.tuner.problem.problem import KnownCost
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import Curve, Status, TrialRecord, Values, visible_history


class History:
    """The trials of one search: finished ones in order of arrival, and running ones in order of suggestion.

    Only bookkeeping; what to try next is decided by `tfkws.tuner.proposal`. A trial is on disk before it
    counts.

    Args:
        journal: where the trials are kept; `load` reads what it holds already.
        lookahead: suggestion n goes by the first n - lookahead results, however many there are by then.

    Attributes:
        finished_trials: completed, stopped and infeasible trials in order of arrival.
        running: trials that are suggested and not finished, by number.
        outcomes: what running trials have reported, by number: the records that they become if nothing goes
            wrong.

    Example:
        >>> from pathlib import Path
        >>> path = Path("journal.jsonl")
        >>> history = History(Journal(path))
        >>> for number in range(2):
        ...     history.suggested(TrialRecord(number, stage=0, values={"width": 8 + number}))
        >>> history.finished(replace(history.running[1], status="completed", metrics={"top1_error": 0.2}))
        >>> [(record.number, record.status) for record in history.records]
        [(1, 'completed'), (0, 'running')]
        >>> again = History(Journal(path))
        >>> again.load()
        >>> again.records == history.records
        True
    """

    def __init__(self, journal: Journal, lookahead: int = 3) -> None:
        self.journal = journal
        self.lookahead = lookahead
        self.finished_trials: list[TrialRecord] = []
        self.running: dict[int, TrialRecord] = {}
        self.outcomes: dict[int, TrialRecord] = {}

    @property
    def records(self) -> list[TrialRecord]:
        """All trials: finished ones in order of arrival, then running ones in order of suggestion."""
        return [*self.finished_trials, *self.running.values()]

    def load(self) -> None:
        """Replace the trials by those of the journal. Its running ones were interrupted and must be run again.

        Raises:
            JournalError: the journal is damaged before its last line.
        """
        records = self.journal.load()
        self.finished_trials = [record for record in records if record.status != "running"]
        self.running = {record.number: record for record in records if record.status == "running"}
        self.outcomes = {}

    def suggested(self, record: TrialRecord) -> None:
        """Record that a trial starts.

        Raises:
            ValueError: its number is not the next one, or it is not running.
        """
        if record.status != "running" or record.number != len(self.records):
            raise ValueError(f"Trial {len(self.records)} must start next, running. Received {record}.")
        self.journal.append(record)
        self.running[record.number] = record

    def measured(
        self, number: int, metrics: Mapping[str, float], curve: Curve = (), *, stopped_early: bool = False
    ) -> None:
        """Record what a running trial reports; it goes on running, and is on disk when it is `finished`.

        Args:
            metrics: numbers by name.
            curve: (optimiser steps, validation error 0..1) of each validation.
            stopped_early: whether its training was ended early.

        Raises:
            KeyError: no trial of that number is running.
        """
        status: Status = "stopped" if stopped_early else "completed"
        self.outcomes[number] = replace(self.running[number], status=status, metrics=metrics, curve=curve)

    def finished(self, record: TrialRecord) -> None:
        """Record what came of a running trial.

        Raises:
            ValueError: no trial of this number is running, or the record is of a running one.
        """
        if record.status == "running" or record.number not in self.running:
            raise ValueError(f"Only a running trial can finish: {list(self.running)}. Received {record}.")
        self.journal.append(record)
        self.finished_trials.append(record)
        del self.running[record.number]
        self.outcomes.pop(record.number, None)

    def of_stage(self, stage: int) -> list[TrialRecord]:
        """Return the trials of one stage (int, from 0) so far, running ones included."""
        return [record for record in self.records if record.stage == stage]

    def visible(self, number: int, stage: int = 0) -> list[TrialRecord]:
        """Return the history as suggestion `number`, made in `stage`, sees it.

        It shows the first `number` - lookahead results, and all of the earlier stages; later results look as
        if their trials were still running.
        """
        settled = sum(record.stage < stage for record in self.finished_trials)
        return visible_history(self.records, max(settled, number - self.lookahead))


def with_known_costs(
    metrics: Mapping[str, float],
    values: Values,
    objectives: Sequence[Objective],
    known_costs: Mapping[str, KnownCost],
) -> dict[str, float]:
    """Return `metrics` with the objectives that they lack, as far as their costs are known, as plain ints and floats.

    Example:
        >>> objectives = [Objective("top1_error"), Objective("macs")]
        >>> with_known_costs({"top1_error": 0.25}, {"width": 4}, objectives, {"macs": lambda v: 10.0 * v["width"]})
        {'top1_error': 0.25, 'macs': 40.0}
    """
    complete = dict(metrics)
    for objective in objectives:
        if objective.name not in complete and objective.name in known_costs:
            complete[objective.name] = float(known_costs[objective.name](values))
    return {name: int(value) if isinstance(value, Integral) else float(value) for name, value in complete.items()}
