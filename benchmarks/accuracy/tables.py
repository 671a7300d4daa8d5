"""The accuracy tables, made of the published records alone: means over seeds, one interval over speakers and seeds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answers import SPLITS, counts_of, read_clips
from benchmarks.over_runs import difference_over_runs, mean_over_runs
from benchmarks.records import read_records
from tfkws.intervals import LEVEL, Interval
from tfkws.run_folder import write_json, write_text
from tfkws.training.metrics import accuracy, f1
from tfkws.units import format_count, format_interval, format_percent
from tfkws.views.table import Table

MEASURES = {"commands": ("accuracy", accuracy), "wake-word": ("F1", f1)}
NOTE = (
    f"Intervals are {LEVEL} bootstrap intervals over speakers and, where there are several, seeds. Recorded speech, "
    "split by speaker."
)
Group = tuple[str, str, str, int, str]  # task, model, recipe, clips seen, front end


@dataclass(frozen=True)
class Row:
    """A network trained by a recipe: the mean over its seeds on one split."""

    task: str
    protocol: str
    model: str
    front_end: str
    macs: int
    recipe: str
    clips_seen: int
    seeds: int
    split: str
    clips: int
    measure: str
    majority_baseline: float
    float32: float
    float32_interval: Interval
    lowest_seed: float
    highest_seed: float
    int8: float
    int8_interval: Interval
    int8_difference: float
    int8_difference_interval: Interval
    int8_agreement: float
    int8_bytes: int


@dataclass(frozen=True)
class Gain:
    """One recipe against another for the same network, task and length, on the testing split, float32."""

    task: str
    model: str
    clips_seen: int
    recipe: str
    against: str
    measure: str
    difference: float
    difference_interval: Interval
    beyond_the_interval: bool


def write_tables(published: Path) -> None:
    """Write `accuracy.{json,csv,md}` of all records under `published`."""
    groups = read_groups(published / "runs")
    rows = [row(records, split, published) for records in groups.values() for split in SPLITS]
    gains = compare_recipes(groups, published)
    write_json(published / "accuracy.json", {"rows": [asdict(r) for r in rows], "gains": [asdict(g) for g in gains]})
    tables = [score_table([r for r in rows if r.split == split], split) for split in ("testing", "validation")]
    tables.append(gain_table(gains))
    write_text(published / "accuracy.md", "\n".join(table.to_markdown() for table in tables))
    write_text(published / "accuracy.csv", score_table(rows, "validation and testing").to_csv())
    print("\n".join(table.to_markdown() for table in tables))


def read_groups(folder: Path) -> dict[Group, list[dict[str, Any]]]:
    """Return records by what they share but for the seed."""
    groups: dict[Group, list[dict[str, Any]]] = defaultdict(list)
    for record in read_records(folder):
        groups[record["task"], record["model"], record["recipe"], record["clips_seen"], record["front_end"]].append(
            record
        )
    return dict(sorted(groups.items(), key=lambda item: (item[0][0], item[1][0]["macs"], item[0][3], item[0][2])))


def row(records: Sequence[dict[str, Any]], split: str, published: Path) -> Row:
    """Return the mean over the seeds of one group, on one split."""
    first = records[0]
    name, measure = MEASURES[first["protocol"]]
    counts = {form: counts_of(records, split, published, form) for form in ("keras", "int8")}
    mean, interval = mean_over_runs(counts["keras"], measure)
    int8, int8_interval = mean_over_runs(counts["int8"], measure)
    seeds = measure(counts["keras"].sum(axis=1))
    classes, _ = read_clips(published, first["manifest"][split])
    return Row(
        task=first["task"], protocol=first["protocol"], model=first["model"], front_end=first["front_end"],
        macs=first["macs"], recipe=first["recipe"], clips_seen=first["clips_seen"], seeds=len(records), split=split,
        clips=len(classes), measure=name, majority_baseline=majority(classes, name), float32=mean,
        float32_interval=interval,
        lowest_seed=float(seeds.min()), highest_seed=float(seeds.max()), int8=int8, int8_interval=int8_interval,
        int8_difference=int8 - mean, int8_difference_interval=paired(counts, measure),
        int8_agreement=float(np.mean([agreement(record["answers"][split]) for record in records])),
        int8_bytes=first["int8_bytes"],
    )  # fmt: skip


def paired(counts: dict[str, np.ndarray], measure: Any) -> Interval:
    """Return the 95 % interval of int8 less float32; runs are redrawn in pairs, as each int8 file is of one run."""
    return difference_over_runs(counts["keras"], counts["int8"], measure, runs_in_pairs=True)[1]


def compare_recipes(groups: dict[Group, list[dict[str, Any]]], published: Path) -> list[Gain]:
    """Compare `best` with each other recipe, where both were trained for the same number of clips."""
    gains = []
    for (task, model, recipe, clips_seen, front_end), records in groups.items():
        rival = groups.get((task, model, "best", clips_seen, front_end))
        if recipe == "best" or rival is None:
            continue
        name, measure = MEASURES[records[0]["protocol"]]
        theirs = counts_of(records, "testing", published, "keras")
        best = counts_of(rival, "testing", published, "keras")
        difference, interval = difference_over_runs(theirs, best, measure)
        gains.append(Gain(task, model, clips_seen, "best", recipe, name, difference, interval, interval[0] > 0))
    return gains


def majority(classes: np.ndarray, measure: str) -> float:
    """Return the score 0..1 of always answering the commonest class; for F1, of always answering the word."""
    if measure == "F1":
        return float(2 * np.mean(classes == 1) / (np.mean(classes == 1) + 1))
    return float(np.bincount(classes).max() / len(classes))


def agreement(answers: dict[str, str]) -> float:
    """Return the share 0..1 of clips to which both forms give the same answer."""
    return float(np.mean([a == b for a, b in zip(answers["keras"], answers["int8"], strict=True)]))


def score_table(rows: Sequence[Row], title: str) -> Table:
    """Lay out the scores."""
    cells = [
        (
            row.task, row.split, row.model, row.front_end, format_count(row.macs), row.recipe,
            f"{row.clips_seen // 1000}k", str(row.seeds), str(row.clips), row.measure,
            format_percent(row.majority_baseline), format_percent(row.float32), format_interval(row.float32_interval),
            f"{100 * row.lowest_seed:.1f} to {100 * row.highest_seed:.1f}", format_percent(row.int8),
            format_interval(row.int8_interval), f"{100 * row.int8_difference:+.2f}",
            format_points(row.int8_difference_interval, 2), format_percent(row.int8_agreement),
            f"{row.int8_bytes / 1024:.1f}",
        )
        for row in rows
    ]  # fmt: skip
    columns = (
        "task", "split", "network", "front end", "MACs", "recipe", "clips seen", "seeds", "clips", "score", "baseline",
        "float32", LEVEL, "seeds from, to", "int8", f"{LEVEL} ", "int8 - float32", f"{LEVEL}, paired", "same answer",
        "int8 KiB",
    )  # fmt: skip
    return Table(f"Scores, {title}", columns, tuple(cells), numeric=columns[6:], note=NOTE)


def gain_table(gains: Sequence[Gain]) -> Table:
    """Lay out what `best` gains."""
    cells = [
        (
            gain.task, gain.model, f"{gain.clips_seen // 1000}k", f"{gain.recipe} - {gain.against}", gain.measure,
            f"{100 * gain.difference:+.1f}", format_points(gain.difference_interval, 1),
            "yes" if gain.beyond_the_interval else "no",
        )
        for gain in gains
    ]  # fmt: skip
    columns = ("task", "network", "clips seen", "recipes", "score", "gain, points", LEVEL, "beyond the interval")
    note = "Testing split, float32, the same number of clips seen; speakers redrawn in pairs, seeds independently."
    return Table("The recipe best against the others", columns, tuple(cells), numeric=columns[5:7], note=note)


def format_points(interval: Interval, digits: int) -> str:
    """Write an interval of differences in percentage points, with signs."""
    low, high = (f"{100 * value:+.{digits}f}" for value in interval)
    return f"[{low}, {high}]"
