"""What a detector that was made from a phrase does, and what it took to make, as tables."""

from collections.abc import Mapping
from typing import Any

from tfkws.intervals import LEVEL
from tfkws.units import (
    format_bytes,
    format_count,
    format_hourly,
    format_hourly_interval,
    format_interval,
    format_percent,
    format_us,
)
from tfkws.views.table import Table, number, table_of, text
from tfkws.views.training import network_name

TIMES = (
    text("stage", "stage"),
    number("minutes", "seconds", lambda seconds: f"{seconds / 60:.1f}"),
    number("CPU minutes", "cpu_seconds", lambda seconds: f"{seconds / 60:.1f}"),
)


def wakeword_tables(record: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a run's record: what it hears and costs, and how long its stages took."""
    return [detector_table(record), times_table(record)]


def detector_table(record: Mapping[str, Any]) -> Table:
    """Return what a detector does on the tracks that its threshold was chosen on, and what it costs."""
    found, detector = record["validation"], record["detector"]
    accepted = found["false_accepts"]
    missed = format_percent(found["misses"] / max(1, found["utterances"]))
    rows = [
        ("missed", f"{missed} {format_interval(found['missed_interval'])} of {found['utterances']}"),
        (
            "false accepts an hour",
            f"{format_hourly(accepted['events'], accepted['hours'])} {format_hourly_interval(accepted['interval'])}",
        ),
        ("threshold", f"{detector['threshold']:.3f}, mean of {detector['window_ms']:.0f} ms"),
        ("network", f"{network_name(record['model'])}, window {record['window_s']:.1f} s"),
        ("MACs a window", format_count(record["macs"])),
        ("int8 file", format_bytes(record["file_bytes"])),
        ("arena on a microcontroller", _arena(record)),
    ]
    if record["latency_us"] is not None:
        rows.append(("an answer here", format_us(record["latency_us"])))
    note = (
        f"In brackets {LEVEL}. Judged on synthesised voices that no training heard, in made-up rooms and noise, beside "
        "recorded speech where it was given: people will be heard less well. `tfkws over-air` judges recordings."
    )
    return Table(f"{record['settings']['phrase']!r}, int8", ("", "value"), tuple(rows), note=note)


def _arena(record: Mapping[str, Any]) -> str:
    """Its size and where that comes from, or why there is none; runs of the first weeks counted maps alone."""
    size = record["arena_bytes"]
    how = record.get("arena", "maps alone")
    return how if size is None else f"{format_bytes(size)}, {how}"


def times_table(record: Mapping[str, Any]) -> Table:
    """Return how long each stage took, all tries together."""
    times = record["times"]
    rows = [{"stage": stage, **spent} for stage, spent in times.items()]
    total = {key: sum(spent[key] for spent in times.values()) for key in ("seconds", "cpu_seconds")}
    return table_of("Times", TIMES, [*rows, {"stage": "all", **total}])
