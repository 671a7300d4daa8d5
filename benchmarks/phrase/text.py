"""The page itself: prose around the tables, with every number taken from the records."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from benchmarks.phrase.pooled import Record, groups, reached, recorded_accepts, recorded_misses
from tfkws.units import format_percent
from tfkws.views.table import Table

ABOUT = Path(__file__).parent / "about.md"
SHOWN = ("pooled", "own_voice", "exports", "costs")  # tables that stand in the page; the others lie beside it


def page_text(records: Sequence[Record], tables: Mapping[str, Table]) -> str:
    """Return the page."""
    shown = {stem: tables[stem].to_markdown().rstrip() if tables[stem].rows else NONE for stem in SHOWN}
    return Template(ABOUT.read_text()).substitute(shown, verdict=verdict(records))


NONE = "No run that is recorded here tells of this."


def verdict(records: Sequence[Record]) -> str:
    """Say which detectors reach the bar, and which come nearest to it."""
    found = groups(records)
    if not found:
        return "No detector of the present form is recorded; `recorded.md` has earlier ones, one seed each."
    lines = []
    for name, seeds in found.items():
        bar = [reached(record) for record in seeds]
        people = recorded_misses(seeds)
        if people is None or None in bar:
            continue
        within = "all" if all(bar) else f"{sum(map(bool, bar))}" if any(bar) else "none"
        missed = format_percent(people.shares.mean)
        lines.append(
            f"- `{name}`: {within} of {len(bar)} within the bar; on average {missed} missed at "
            f"{recorded_accepts(seeds).rates.mean:.3g} false accepts an hour."
        )
    return "\n".join(lines) or "Nobody recorded one of these phrases, so the bar says nothing of them."
