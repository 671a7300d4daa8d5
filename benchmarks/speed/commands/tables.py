"""The tables of whole commands: seconds, and memory."""

from typing import Any

from benchmarks.speed.checkouts import BEFORE, NOW
from benchmarks.speed.commands.plan import EVALUATE, EVALUATE_FEW
from benchmarks.speed.ratios import ratio, spread
from tfkws.intervals import LEVEL
from tfkws.views.table import Table


def seconds_table(record: dict[str, Any]) -> Table:
    """Return a row for each command that was timed in rounds."""
    columns = ("command", "seconds", "before", "now over before")
    rows = list[tuple[str, ...]]()
    for name, found in record["commands"].items():
        now, before = (found.get(each, {}).get("seconds") for each in (NOW, BEFORE))
        if now:
            cells = (spread(before).text(2), ratio(now, before).text()) if before else ("", "")
            rows.append((name, spread(now).text(2), *cells))
    rows += after_start(record)
    others = max(
        (each["foreign"] for found in record["commands"].values() for each in found.values() if "foreign" in each),
        default=0.0,
    )
    note = (
        f"Medians of {rounds_of(record)} rounds with {LEVEL} intervals; each run is a process of its own. Other "
        f"programs took at most {100 * others:.0f} % of the cores."
    )
    return Table("Start-up", columns, tuple(rows), columns[1:], note)


def after_start(record: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the row of an evaluation without its start, by the difference of the two evaluations in each round."""
    found = [record["commands"].get(name, {}) for name in (EVALUATE, EVALUATE_FEW)]
    if not all(found):
        return []
    spans = {
        checkout: [whole - few for whole, few in zip(*(each[checkout]["seconds"] for each in found), strict=True)]
        for checkout in found[0]
    }
    before = (spread(spans[BEFORE]).text(), ratio(spans[NOW], spans[BEFORE]).text()) if BEFORE in spans else ("", "")
    return [(f"{record['clips']} clips of it, after start", spread(spans[NOW]).text(), *before)]


def rounds_of(record: dict[str, Any]) -> int:
    """Return how many rounds were taken."""
    runs = [run for found in record["commands"].values() for run in found.values()]
    return max((len(run["seconds"]) for run in runs if "seconds" in run), default=0)


def memory_table(record: dict[str, Any]) -> Table:
    """Return a row for each command whose memory was taken."""
    columns = ("command", "MiB at most", "before")
    rows = [
        (name, *(f"{found[each]['peak_bytes'] / 2**20:,.0f}" if each in found else "" for each in (NOW, BEFORE)))
        for name, found in record["commands"].items()
        if "peak_bytes" in found.get(NOW, {})
    ]
    note = "The largest sum of the proportional set sizes of the command and its processes, read five times a second."
    return Table("Memory", columns, tuple(rows), columns[1:], note)
