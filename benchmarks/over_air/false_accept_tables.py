"""Tables and the figure of false accepts, from the records of detectors alone."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.records import read_records, write_table
from tfkws.intervals import LEVEL
from tfkws.report.plots import COLOURS, new_figure, save_png
from tfkws.units import format_hourly, format_hourly_interval, format_interval, format_percent
from tfkws.views.table import Table, number, table_of, text

DETECTORS = "detectors"
Record = dict[str, Any]


def write_tables(folder: Path) -> None:
    """Write the tables by detector, noise, room and trigger, and the figure."""
    records = sorted(read_records(folder / DETECTORS), key=lambda record: record["bundle"])
    write_table(folder, "false_accepts", detectors_table(records))
    write_table(folder, "clip_thresholds", clip_thresholds_table(records))
    write_table(folder, "by_noise", scenes_table(records, "by_snr", "By noise"))
    write_table(folder, "by_room", scenes_table(records, "by_room", "By room"))
    write_table(folder, "triggers", triggers_table(records))
    save_png(curves_figure(records), folder / "curves.png")


def detectors_table(records: Sequence[Record]) -> Table:
    """Return a row for each detector, wanted rate and kind of audio."""
    columns = (
        text("detector", "bundle"),
        number("wanted an hour", "wanted_per_hour", lambda rate: f"{rate:g}"),
        number("threshold", "threshold", lambda threshold: f"{threshold:.4f}"),
        text("audio", "name"),
        number("false accepts an hour", _rate),
        number(LEVEL, lambda row: _interval(row)),
        number("words", lambda row: row["rejects"]["utterances"] or None),
        number("missed", lambda row: row["rejects"]["share"], format_percent),
        number(f"missed, {LEVEL}", lambda row: row["rejects"]["interval"], format_interval),
        number("doubles", lambda row: row["doubles"] if row["rejects"]["utterances"] else None),
    )
    hours = records[0]["validation_hours"]
    note = (
        f"Thresholds are set on {hours:.3g} h of composed audio of validation speakers. Composed: clips of testing "
        "speakers, sentences, noises and rooms, laid by a program; recorded: phrases as people said them, without the "
        f"word. Poisson intervals (Garwood); of misses over speakers. {LEVEL}."
    )
    return table_of("False accepts and misses", columns, list(_rows(records)), note)


def clip_thresholds_table(records: Sequence[Record]) -> Table:
    """Return what the bundles' own thresholds give, set for 1 % of other clips: the nearest of the curve."""
    columns = (
        text("detector", "bundle"),
        number("threshold for clips", "own", lambda threshold: f"{threshold:.4f}"),
        number("nearest counted", "threshold", lambda threshold: f"{threshold:.4f}"),
        number("composed: false accepts an hour", lambda row: format_hourly(*row["composed"])),
        number("recorded: false accepts an hour", lambda row: format_hourly(*row["recorded"])),
        number("missed", "missed", format_percent),
    )
    note = "Thresholds that let 1 % of other one-second clips through (validation split), heard as a stream."
    return table_of("Thresholds set on clips", columns, map(_at_own_threshold, records), note)


def scenes_table(records: Sequence[Record], key: str, title: str) -> Table:
    """Return a row for each detector and scene of the composed audio, at the lowest wanted rate."""
    columns = (
        text("detector", "bundle"),
        text("scene", "name"),
        number("false accepts an hour", _rate),
        number(LEVEL, lambda row: _interval(row)),
        number("missed", lambda row: row["rejects"]["share"], format_percent),
        number(f"missed, {LEVEL}", lambda row: row["rejects"]["interval"], format_interval),
    )
    rows = [
        {"bundle": record["bundle"], **row}
        for record in records
        for point in record["operating_points"][:1]
        for row in point.get(key, [])
    ]
    wanted = records[0]["operating_points"][0]["wanted_per_hour"]
    return table_of(f"{title}, at the threshold for {wanted:g} an hour", columns, rows)


def triggers_table(records: Sequence[Record], most: int = 5) -> Table:
    """Return what was said before the false accepts in composed audio, at the highest wanted rate."""
    columns = (text("detector", "bundle"), number("false accepts", "events"), text("after", "after"))
    rows = []
    for record in records:
        found = record["operating_points"][-1].get("triggers", [])
        after = ", ".join(f"{name} {events}" for name, events in found[:most])
        rows.append({"bundle": record["bundle"], "events": sum(events for _, events in found), "after": after})
    wanted = records[0]["operating_points"][-1]["wanted_per_hour"]
    return table_of(f"What sets detectors off, at the threshold for {wanted:g} an hour", columns, rows)


def curves_figure(records: Sequence[Record]) -> Any:
    """Draw misses over false accepts an hour on composed audio, int8 full and float32 dashed."""
    figure, axis = new_figure(7.2, 4.4)
    networks = sorted({_network(record) for record in records})
    for record in records:
        points = record["curves"]["composed"]
        fewest = min(points["misses"])  # below that threshold many words are one long rise, which is one event
        first = len(points["misses"]) - 1 - points["misses"][::-1].index(fewest)
        rates = [max(events, 3) / points["hours"] for events in points["false_accepts"][first:]]
        shares = [misses / points["utterances"] for misses in points["misses"][first:]]
        place, is_int8 = networks.index(_network(record)), record["bundle"].endswith("int8")
        colour = (*COLOURS, "#6b4fa0")[place % (len(COLOURS) + 1)]
        axis.plot(
            rates, shares, color=colour, linewidth=1.4, linestyle="-" if is_int8 else "--", label=record["bundle"]
        )
    axis.set_xscale("log")
    axis.set_ylim(0, 1)
    axis.set_xlabel("false accepts an hour of composed audio (three or fewer events are drawn as three)")
    axis.set_ylabel("share of words missed")
    axis.legend(frameon=False, fontsize=7, ncols=2)
    return figure


def _rows(records: Sequence[Record]) -> Iterator[Record]:
    for record in records:
        for point in record["operating_points"]:
            for row in point.get("rows", []):
                about = {"bundle": record["bundle"], "wanted_per_hour": point["wanted_per_hour"]}
                yield about | {"threshold": point["validation"]["threshold"], **row}


def _at_own_threshold(record: Record) -> Record:
    own = record["settings"]["threshold"]
    composed, recorded = (record["curves"][group] for group in ("composed", "recorded"))
    place, other = _nearest(composed["threshold"], own), _nearest(recorded["threshold"], own)
    return {
        "bundle": record["bundle"],
        "own": own,
        "threshold": composed["threshold"][place],
        "composed": (composed["false_accepts"][place], composed["hours"]),
        "recorded": (recorded["false_accepts"][other], recorded["hours"]),
        "missed": composed["misses"][place] / composed["utterances"],
    }


def _nearest(values: Sequence[float], wanted: float) -> int:
    return min(range(len(values)), key=lambda place: abs(values[place] - wanted))


def _rate(row: Record) -> str:
    return format_hourly(row["false_accepts"]["events"], row["false_accepts"]["hours"])


def _interval(row: Record) -> str | None:
    accepts = row["false_accepts"]
    return format_hourly_interval(accepts["interval"]) if accepts["events"] else None


def _network(record: Record) -> str:
    return str(record["bundle"]).rpartition("-")[0]
