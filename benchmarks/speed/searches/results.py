"""What the records and journals of searches say: how long they took, and whether their errors agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.speed.checkouts import BEFORE, NOW
from benchmarks.speed.ratios import Spread
from tfkws.intervals import student_half_width
from tfkws.run_folder import read_json
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import TrialRecord, completed, trial_key

ERROR = "top1_error"
Pair = tuple["SearchResult", "SearchResult"]


@dataclass(frozen=True)
class SearchResult:
    """One search by one checkout.

    Attributes:
        checkout: "now" or "before".
        seconds: wall clock, over all runs of the command.
        peak_bytes: of the searching process and its workers together.
        foreign: the largest share 0..1 of the cores that other programs took during a run of the command.
        runs: of the command; more than one where it was stopped.
        trials: all of its journal.
    """

    space: str
    seed: int
    checkout: str
    commit: str
    iterations: int
    seconds: float
    peak_bytes: int
    foreign: float
    runs: int
    trials: tuple[TrialRecord, ...]

    @staticmethod
    def read(path: Path) -> "SearchResult":
        """Read a record and the journal beside it."""
        record = read_json(path)
        segments = record["segments"]
        return SearchResult(
            record["search"]["space"],
            record["seed"],
            record["checkout"],
            record["commit"],
            record["search"]["iterations"],
            sum(each["seconds"] for each in segments),
            max(each.get("peak_bytes", 0) for each in segments),
            max(each.get("foreign", 0.0) for each in segments),
            len(segments),
            tuple(Journal(path.with_suffix(".jsonl")).load()),
        )

    @property
    def trials_an_hour(self) -> float:
        """Trials that ended, whatever they came to, an hour."""
        return 3600 * sum(trial.status != "running" for trial in self.trials) / self.seconds

    @property
    def errors(self) -> dict[object, float]:
        """The validation error of each completed trial, 0..1, by its values."""
        return {trial_key(trial.values): trial.metrics[ERROR] for trial in completed(self.trials)}


def read_results(folder: Path) -> list[SearchResult]:
    """Read all searches of a folder, by name."""
    return [SearchResult.read(path) for path in sorted(folder.glob("*.json"))]


def pairs(results: Sequence[SearchResult]) -> Iterator[Pair]:
    """Yield (before, now) of each space and seed that both checkouts have searched."""
    found = {(result.space, result.seed, result.checkout): result for result in results}
    for space, seed, checkout in found:
        if checkout == NOW and (space, seed, BEFORE) in found:
            yield found[space, seed, BEFORE], found[space, seed, NOW]


def error_change(pair: Pair) -> Spread | None:
    """Return the mean change of the error, now minus before, of candidates that both have trained.

    With the interval of Student's t; None where fewer than two are the same. The first candidates of a search are drawn
    by the seed alone, so they are the same while the rounding of a step differs.
    """
    before, now = (result.errors for result in pair)
    changes = np.array([now[key] - before[key] for key in now if key in before])
    if len(changes) < 2:
        return None
    half = student_half_width(changes)
    return Spread(float(changes.mean()), float(changes.mean() - half), float(changes.mean() + half))


def shared(pair: Pair) -> int:
    """Return how many candidates both have completed."""
    before, now = (result.errors for result in pair)
    return len(set(before) & set(now))
