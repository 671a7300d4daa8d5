"""The table of the page, from its records alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import read_records, write_table
from tfkws.intervals import LEVEL, percentile_interval, resampled_counts
from tfkws.units import format_percent
from tfkws.views.table import Table

RUNS = "runs"
WHOLE = "all five"
Record = dict[str, Any]


def write_tables(folder: Path) -> None:
    """Write what was missed without each engine, and by how much more."""
    write_table(folder, "left_out", left_out_table(read_records(folder / RUNS)))


def left_out_table(records: Sequence[Record]) -> Table:
    """Return misses of each set of engines and their difference to all, a row a phrase and set."""
    by_set: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        by_set.setdefault((record["phrase"], record["engines"]), []).append(record)
    rows = []
    for (phrase, engines), runs in sorted(by_set.items(), key=_whole_first):
        whole = {run["seed"]: run for run in by_set.get((phrase, WHOLE), [])}
        rows.append((phrase, engines, str(len(runs)), *_cells(runs, whole, "2"), *_cells(runs, whole, "10")))
    columns = (
        *("phrase", "voices of", "trainings"),
        *("missed at 2 an hour", "points more, at 2", "missed at 10 an hour", "points more, at 10"),
    )
    note = (
        f"Means of trainings; points more than with all five, their {LEVEL} intervals by drawing recordings and "
        "trainings with the same seeds (who spoke is not known). The threshold of each is set on the "
        "very sentences that count the events: this compares voices on one small network of a minute, and is no "
        "detector's score."
    )
    return Table("What is missed without an engine", columns, tuple(rows), columns[2:], note)


def _whole_first(item: tuple[tuple[str, str], list[Record]]) -> tuple[str, bool, str]:
    (phrase, engines), _ = item
    return phrase, engines != WHOLE, engines


def _cells(runs: Sequence[Record], whole: dict[int, Record], at: str) -> tuple[str, str]:
    share = format_percent(float(np.mean([run["missed"][at] for run in runs])))
    pairs = [(run, whole[run["seed"]]) for run in runs if run["seed"] in whole]
    if not pairs or runs[0]["engines"] == WHOLE:
        return share, ""
    more = np.array([_found(other, at) - _found(run, at) for run, other in pairs])
    low, high = (100 * end for end in difference_interval(more))
    return share, f"{100 * more.mean():+.1f} [{low:.1f}, {high:.1f}]"


def difference_interval(more: np.ndarray) -> tuple[float, float]:
    """Return the interval of the mean of float (trainings, recordings), both drawn with replacement."""
    trainings, recordings = (resampled_counts(units, seed=seed) for seed, units in enumerate(more.shape))
    means = np.einsum("rt,tc,rc->r", trainings, more, recordings) / more.size
    return percentile_interval(means)


def _found(run: Record, at: str) -> np.ndarray:
    return np.array([each == "1" for each in run["found"][at]], float)
