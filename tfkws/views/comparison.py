"""Why one profile is slower than another, as a table: what `tfkws compare` found."""

from tfkws.units import format_percent, format_rate, format_us
from tfkws.views.table import Record, Table, number, table_of, text

CATEGORIES = (
    text("category", "category"),
    number("steps", "first_steps"),
    number("steps 2", "second_steps"),
    number("time", "first_us", format_us),
    number("time 2", "second_us", format_us),
    number("difference", "difference_us", format_us),
    number("of it", "share", format_percent),
    number("GMAC/s", lambda row: row["first_gmacs_per_s"] or None, format_rate),
    number("GMAC/s 2", lambda row: row["second_gmacs_per_s"] or None, format_rate),
)


def comparison_table(comparison: Record) -> Table:
    """Return times by category in both profiles; the note names the profiles.

    The explanation is `sentences` of the comparison.

    Args:
        comparison: `tfkws.profiling.explain.profile_comparison.Comparison` as a dict.
    """
    profiles = (("First", comparison["first"]), ("Second", comparison["second"]))
    note = " ".join(_profile_sentence(name, facts) for name, facts in profiles)
    return table_of("Second against first, one inference", CATEGORIES, comparison["categories"], note)


def _profile_sentence(name: str, facts: Record) -> str:
    return (
        f"{name}: {facts['network']}, {facts['kind']}, {facts['number_type']}; {facts['setting']}; {facts['device']}."
    )
