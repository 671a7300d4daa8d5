"""The tables of the page, from its records alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.records import csv_of, read_records, write_table
from tfkws.detect.rates import HourlyRate, total
from tfkws.intervals import LEVEL
from tfkws.run_folder import write_text
from tfkws.units import (
    format_bytes,
    format_count,
    format_hourly,
    format_hourly_interval,
    format_interval,
    format_percent,
)
from tfkws.views.table import Table
from tfkws.views.training import network_name

RUNS = "runs"
Record = dict[str, Any]


def write_tables(folder: Path) -> None:
    """Write what was missed and accepted, what set detectors off, costs and times."""
    records = read_records(folder / RUNS)
    write_table(folder, "recorded", recorded_table(records))
    write_table(folder, "composed", composed_table(records))
    write_table(folder, "triggers", triggers_table(records))
    write_table(folder, "costs", costs_table(records))
    write_text(folder / "missed.csv", csv_of(list(missed_rows(records))))


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


def triggers_table(records: Sequence[Record]) -> Table:
    """Return what was said before the false accepts: how many, by the folder of the recording."""
    rows = []
    for record in records:
        counts: Counter[str] = Counter()
        for each in record["recorded"]["files"].values():
            counts.update(one["after"].rpartition("/")[0] or "no speech" for one in each["accepted"])
        rows += [(record["run"], after, str(events)) for after, events in sorted(counts.items(), key=_most_first)]
    return Table("What set them off", ("run", "after", "events"), tuple(rows), ("events",))


def costs_table(records: Sequence[Record]) -> Table:
    """Return network, sizes, and the time that each run took."""
    rows = []
    for record in records:
        times = record["times"]
        cpu = {stage: spent["cpu_seconds"] / 60 for stage, spent in times.items()}
        rows.append(
            (
                record["run"],
                f"{network_name(record['model'])}, {record['window_s']:g} s",
                format_count(record["macs"]),
                format_bytes(record["file_bytes"]),
                format_bytes(record["arena_bytes"]),
                f"{sum(cpu.values()):.1f}",
                f"{cpu.get('speech', 0.0):.1f}",
            )
        )
    columns = ("run", "network, window", "MACs", "int8 file", "arena", "CPU minutes", "of them speech")
    note = (
        "CPU minutes of all processes; two cores with nothing else to do take at least half as many. Speech that an "
        "earlier run had kept was not spoken again."
    )
    return Table("Costs", columns, tuple(rows), columns[2:], note)


def missed_rows(records: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Yield every recording that was missed."""
    for record in records:
        for name, each in record["recorded"]["files"].items():
            for miss in each["missed"]:
                yield {"run": record["run"], "audio": name, "file": miss["file"]}


def _missed(rejects: Record) -> tuple[str, str]:
    share = format_percent(rejects["share"])
    # One person says nothing of others, however often: an interval over speakers would have no width.
    interval = "one speaker" if rejects["speakers"] == 1 else format_interval(rejects["interval"])
    return f"{share} ({rejects['misses']} of {rejects['utterances']})", interval


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
