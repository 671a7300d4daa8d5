"""The tables of the page, from its records alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.phrase.pooled import group_of
from benchmarks.phrase.pooled_tables import (
    costs_table,
    exports_table,
    own_voice_table,
    pooled_table,
    synthetic_table,
    triggers_table,
)
from benchmarks.phrase.text import page_text
from benchmarks.records import csv_of, read_records, write_table
from tfkws.detect.rates import HourlyRate, total
from tfkws.intervals import LEVEL
from tfkws.run_folder import write_text
from tfkws.units import format_hourly, format_hourly_interval, format_interval, format_percent
from tfkws.views.table import Table

RUNS = "runs"
Record = dict[str, Any]


def write_tables(folder: Path) -> None:
    """Write the page: what was missed and accepted, what recordings add, what set detectors off, exports, costs."""
    records = read_records(folder / RUNS)
    tables = {
        "pooled": pooled_table(records),
        "synthetic": synthetic_table(records),
        "own_voice": own_voice_table(records),
        "recorded": recorded_table(records),
        "composed": composed_table(records),
        "triggers": triggers_table(records),
        "exports": exports_table(records),
        "costs": costs_table(records),
    }
    for stem, table in tables.items():
        write_table(folder, stem, table)
    write_text(folder / "missed.csv", csv_of(list(missed_rows(records))))
    write_text(folder / "README.md", page_text(records, tables))


def recorded_table(records: Sequence[Record]) -> Table:
    """Return misses and false accepts on recorded speech, a row a run."""
    rows = []
    for record in records:
        files = record["recorded"]["files"].values()
        said = [each for each in files if each["rejects"]["utterances"]]
        rate = total(HourlyRate(each["false_accepts"]["events"], each["false_accepts"]["hours"]) for each in files)
        best = best_threshold(record)
        rows.append(
            (
                record["run"],
                *(_missed(said[0]["rejects"]) if said else ("no recordings", "")),
                format_hourly(rate.events, rate.hours),
                format_hourly_interval(rate.interval) if rate.interval else "",
                format_percent(best["misses"] / best["utterances"]) if best and best["utterances"] else "",
            )
        )
    note = (
        f"{LEVEL} intervals: of misses by drawing speakers where they are known (happy), else recordings; of false "
        "accepts exact for a Poisson count. The threshold was chosen on synthetic voices. The last column is no "
        "result: it tells what the best threshold on this very audio would have missed at 0.5 false accepts an hour."
    )
    columns = (
        "run",
        "missed",
        f"missed, {LEVEL}",
        "false accepts an hour",
        f"an hour, {LEVEL}",
        "missed at 0.5 an hour",
    )
    return Table("On recorded speech", columns, tuple(rows), columns[1:], note)


def best_threshold(record: Record) -> Record | None:
    """Return the lowest point of the recorded curve from which on no more than 0.5 false accepts an hour happen."""
    best = None
    for point in reversed(record["recorded"]["curve"]):
        if point["false_accepts"] > 0.5 * point["hours"]:
            break
        best = point
    return best


def composed_table(records: Sequence[Record]) -> Table:
    """Return the same on the tracks that the threshold was chosen on: synthetic."""
    rows = []
    for record in records:
        found = record["validation"]
        rate = found["false_accepts"]
        rows.append(
            (
                record["run"],
                format_percent(found["misses"] / max(1, found["utterances"])),
                format_interval(found["missed_interval"]),
                format_hourly(rate["events"], rate["hours"]),
                f"{record['detector']['threshold']:.3f}",
                f"{record['detector']['window_ms']:.0f}",
            )
        )
    columns = ("run", "missed", f"missed, {LEVEL}", "false accepts an hour", "threshold", "mean of, ms")
    note = "Composed of synthetic voices that no training heard, and of recorded words where the run had them."
    return Table("Where the threshold was chosen", columns, tuple(rows), columns[1:], note)


def missed_rows(records: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Yield every recording that was missed, with the number of detectors of other seeds that did so."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for record in records:
        for name, each in record["recorded"]["files"].items():
            counts.update((group_of(record), name, miss["file"]) for miss in each["missed"])
    for (detector, audio, file), times in counts.items():
        yield {"detector": detector, "audio": audio, "file": file, "missed": times}


def _missed(rejects: Record) -> tuple[str, str]:
    share = format_percent(rejects["share"])
    known = rejects["speakers"] > 1 and rejects["interval"]
    interval = format_interval(rejects["interval"]) if known else "one speaker"
    return f"{share} ({rejects['misses']} of {rejects['utterances']})", interval
