"""Live listening as tables: devices that record, and how detectors did on a signal."""

from collections.abc import Sequence

from tfkws.units import format_count, format_percent
from tfkws.views.table import Record, Table, number, table_of, text

DEVICES = (
    number("number", "index"),
    text("device", "name"),
    text("by", "api"),
    number("rate, Hz", "rate_hz"),
    number("channels", "channels"),
    text("", "default", lambda default: "default" if default else ""),
)
EARS = (
    text("detector", "detector"),
    number("heard", "detections"),
    number("near misses", "near_misses"),
    number("windows answered", "answered", format_count),
    number("left out, too slow", "dropped", format_count),
    number("left out, quiet", "gated", format_count),
    number("audio lost, s", "lost_s", lambda seconds: f"{seconds:.2f}"),
    number("bad samples", "bad_samples", format_count),
    number("busy", "busy_share", format_percent),
)


def devices_table(devices: Sequence[Record]) -> Table:
    """Return the devices that record."""
    return table_of("Devices that record", DEVICES, devices)


def listening_table(summary: Record) -> Table:
    """Return how each detector did, one row each; the note gives the share of one core that was used.

    Args:
        summary: what `tfkws.pipeline.listen.summary_of` returns, `seconds` of audio among it.
    """
    title = f"Listened to {summary['seconds']:.1f} s of {summary['source']}"
    times = {0: "no audio", 1: "audio once"}.get(summary["overflows"], f"audio {summary['overflows']} times")
    note = f"{summary['cpu_share']:.1%} of one core, all included; the device lost {times}."
    return table_of(title, EARS, summary["detectors"], note=note)
