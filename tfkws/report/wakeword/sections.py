"""What a detector that was made from a phrase came to: how it hears, what was asked and said, its network, times."""

from collections.abc import Iterator
from functools import partial

from tfkws.report.collect import WakewordResults
from tfkws.report.left_out import sound_cards, sound_parts
from tfkws.report.page import Card, Drawing, Section
from tfkws.report.wakeword.commands import made_by, next_steps
from tfkws.report.wakeword.figure import misses_figure
from tfkws.result_files import WAKEWORD_RECORD
from tfkws.units import format_bytes, format_count, format_interval
from tfkws.views.training import network_name
from tfkws.views.wakeword.detector import (
    detector_table,
    gate_sentence,
    hourly,
    minutes,
    missed,
    network_sentence,
    rates_table,
)
from tfkws.views.wakeword.making import asked_table, rounds_table, said_tables, times_table

NO_CURVE = (
    "The record of this run has no curve, no other rates and no gate: an earlier version wrote it. Make the detector "
    "again by the same command with another --out to have them."
)


def wakeword_cards(run: WakewordResults) -> tuple[Card, ...]:
    """Return the figures of merit at the head of a page about one detector."""
    return tuple(sound_cards(partial(_hearing_cards, run), partial(_cost_cards, run)))


def _hearing_cards(run: WakewordResults) -> Iterator[Card]:
    found = run.record["validation"]
    interval = format_interval(found["missed_interval"])
    yield Card(missed(found), f"of the phrases missed, {interval}, synthetic voices")
    rate, _, counted = hourly(found).partition(" (")
    wanted = run.record["settings"]["false_accepts_per_hour"]
    yield Card(f"{rate} / h", f"false accepts, {counted.rstrip(')')}; at most {wanted:g} asked for")


def _cost_cards(run: WakewordResults) -> Iterator[Card]:
    record = run.record
    yield Card(format_bytes(record["file_bytes"]), f"int8 file of {network_name(record['model'])}")
    yield Card(format_count(record["macs"]), f"MACs a window of {record['window_s']:.1f} s")
    yield Card(f"{minutes(record['times'])} min", "from the phrase to the bundle")


def wakeword_sections(run: WakewordResults, name: str = "") -> Iterator[Section]:
    """Yield the sections of one run; a part that its record lacks or that is damaged is replaced by a sentence.

    Args:
        name: stands in every title; empty where the page is about nothing else.
    """
    for title, part in (
        ("Misses against false accepts", _hearing),
        ("Asked and said", _asked),
        ("Network and training", _training),
        ("Type next", _next),
    ):
        full = f"{title}: {name}" if name else title
        yield from sound_parts(full, partial(part, full), run, f"{WAKEWORD_RECORD} of {run.folder.name}")


def _hearing(title: str, run: WakewordResults) -> Iterator[Section]:
    record = run.record
    if not record.get("curve") or not record.get("rates"):
        yield Section(title, (detector_table(record), NO_CURVE))
        return
    caption = (
        "The int8 file at every threshold, on the tracks that its threshold was chosen on: people, and other tracks, "
        "will give more of both."
    )
    yield Section(title, (Drawing(misses_figure(record), caption, f"misses-{run.folder.name}"), rates_table(record)))


def _asked(title: str, run: WakewordResults) -> Iterator[Section]:
    yield Section(title, (asked_table(run.record), *said_tables(run.record), made_by(run.folder, run.record)))


def _training(title: str, run: WakewordResults) -> Iterator[Section]:
    gate = [gate_sentence(run.record)] if run.record.get("gate") else []
    told = (network_sentence(run.record), *gate)
    yield Section(title, (*told, rounds_table(run.record), times_table(run.record)))


def _next(title: str, run: WakewordResults) -> Iterator[Section]:
    yield Section(title, tuple(next_steps(run.folder, run.record)))
