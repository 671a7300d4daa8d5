"""Detections in long audio as tables, from `long-audio-*.json` or what `tfkws over-air score` returns."""

from collections.abc import Mapping
from typing import Any

from tfkws.intervals import LEVEL
from tfkws.units import format_hourly, format_hourly_interval, format_interval, format_percent
from tfkws.views.table import Column, Record, Table, number, table_of, text

CURVE_ROWS = 14
SOURCES = {
    "recorded": "recorded in one piece",
    "composed": "composed from recordings",
    "synthetic": "composed, speech synthesised",
}


def sources_table(score: Record) -> Table:
    """Return a row a source; where there are several, one for all follows and names what it mixes.

    Misses are in percent, false accepts an hour of audio.

    Args:
        score: content of `long-audio-*.json`.
    """
    rows = [row | {"name": SOURCES[row["name"]]} for row in score["sources"]]
    if len(rows) > 1:
        rows.append(score["total"] | {"name": f"all: {' and '.join(score['mixes'])} mixed"})
    return table_of(_title(score), _columns("source"), rows, _note(score))


def scenes_tables(score: Record) -> list[Table]:
    """Return the tables by ratio of speech to noise (dB) and by room; none for audio without scenes."""
    parts = (("By noise", "speech to noise", "by_snr"), ("By room", "room", "by_room"))
    return [table_of(title, _columns(heading), score[key]) for title, heading, key in parts if score[key]]


def triggers_table(score: Record) -> Table:
    """Return which words were spoken before the false accepts of composed files, and how often."""
    columns = (text("false accepts after", "name"), number("events", "events"))
    rows = [{"name": name, "events": events} for name, events in score["triggers"]]
    return table_of("What set it off", columns, rows)


def curve_table(score: Record, source: str) -> Table:
    """Return some thresholds (0..1) of a source's curve, from many false accepts to few.

    Args:
        score: content of `long-audio-*.json`.
        source: a key of its "curves".
    """
    points = [point for point in score["curves"][source] if point["hours"] > 0]
    chosen = sorted({round(place * (len(points) - 1) / (CURVE_ROWS - 1)) for place in range(CURVE_ROWS)})
    columns = (
        number("threshold", "threshold", lambda value: f"{value:.4f}"),
        number("false accepts an hour", lambda point: format_hourly(point["false_accepts"], point["hours"])),
        number("missed", _missed_of_point),
        number("doubles", "doubles"),
    )
    return table_of(f"Thresholds: {SOURCES[source]}", columns, [points[place] for place in chosen] if points else [])


def wanted_sentence(score: Record) -> str:
    """Say which threshold (0..1) gives the wanted false accepts an hour; empty where none was wanted."""
    point = score["wanted"]
    if point is None:
        return ""
    missed = f", {format_percent(point['misses'] / point['utterances'])} of words missed" if point["utterances"] else ""
    return (
        f"Threshold {point['threshold']:.4f} for at most {score['counting']['false_accepts_per_hour']:g} an hour: "
        f"{format_hourly(point['false_accepts'], point['hours'])}{missed}. Found on this audio; judge it on other."
    )


def long_audio_parts(score: Record) -> list[Table | str]:
    """Return everything about one score, for the terminal or a page."""
    parts: list[Table | str] = [sources_table(score), *scenes_tables(score)]
    if score["triggers"]:
        parts.append(triggers_table(score))
    parts += [curve_table(score, source) for source in score["curves"]]
    return [*parts, *filter(None, [wanted_sentence(score)])]


def _columns(heading: str) -> tuple[Column, ...]:
    return (
        text(heading, "name"),
        number("false accepts an hour", _rate),
        number(LEVEL, _rate_interval),
        number("words", lambda row: row["rejects"]["utterances"]),
        number("speakers", _speakers),
        number("missed", lambda row: row["rejects"]["share"], format_percent),
        number(f"missed, {LEVEL}", lambda row: row["rejects"]["interval"], format_interval),
        number("doubles", "doubles"),
    )


def _rate(row: Mapping[str, Any]) -> str:
    return format_hourly(row["false_accepts"]["events"], row["false_accepts"]["hours"])


def _rate_interval(row: Mapping[str, Any]) -> str | None:
    """The exact interval; nothing where no event was counted, since the cell before says what the hours exclude."""
    rate = row["false_accepts"]
    return format_hourly_interval(rate["interval"]) if rate["events"] else None


def _speakers(row: Mapping[str, Any]) -> str:
    return str(row["rejects"]["speakers"]) if row["rejects"]["named"] else "not named"


def _missed_of_point(point: Mapping[str, Any]) -> str | None:
    return format_percent(point["misses"] / point["utterances"]) if point["utterances"] else None


def _title(score: Record) -> str:
    settings = score["settings"]
    return f"{score['bundle']}: {', '.join(score['words'])} at threshold {settings['threshold']:.4f}"


def _note(score: Record) -> str:
    settings, latency_s = score["settings"], score["counting"]["latency_ms"] / 1_000
    way = (
        f"chunks of {settings['chunk_ms']:g} ms"
        if settings.get("chunk_ms")
        else f"an answer every {settings['hop_ms']:g} ms averaged over {settings['window_ms']:g} ms, at rest for "
        f"{settings['refractory_ms']:g} ms after a detection"
    )
    delay = score["delay_s"]
    late = "" if delay is None else f" Median delay from the end of the label: {delay:.2f} s."
    heard = sum(file["training_speakers"] for file in score["files"])
    warning = " Speakers of the training split are among them: misses are too few." if heard else ""
    return (
        f"One detection is one event ({way}). A word is hit once, from its beginning to {latency_s:g} s after its "
        "end; further detections there are doubles, all others false accepts. Hours are those outside of words."
        f"{late}{warning}"
    )
