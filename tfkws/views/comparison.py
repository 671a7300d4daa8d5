"""Why one profile is slower than another, as a table and in sentences: what `tfkws compare` found."""

from collections.abc import Sequence
from dataclasses import asdict

from tfkws.profiling.explain.profile_comparison import CategoryDifference, Comparison, Facts
from tfkws.units import format_bytes, format_count, format_percent, format_rate, format_us
from tfkws.views.table import Column, Table, number, table_of, text

MARK = " (software)"  # of every time that a software adapter took
LEFT_OUT_FIRST = ("of it", "GMAC/s", "GMAC/s 2", "steps", "steps 2")  # in narrow terminals, from behind
BESIDE = "What one of the two cannot tell apart is one row; without a time: computed elsewhere, or not known."
MOST_CATEGORIES = 3  # that a sentence names


def comparison_table(comparison: Comparison) -> Table:
    """Return times by category in both profiles, for one inference; the note names the profiles."""
    note = f"{_conditions('First', comparison.first)} {_conditions('Second', comparison.second)}"
    rows = [asdict(category) for category in comparison.categories]
    return table_of("Second against first, one inference", _categories(comparison), rows, note, LEFT_OUT_FIRST)


def _categories(comparison: Comparison) -> tuple[Column, ...]:
    first, second, both = _marks(comparison)
    return (
        text("category", "category"),
        number("steps", "first_steps"),
        number("steps 2", "second_steps"),
        number(f"time{first}", "first_us", format_us),
        number(f"time 2{second}", "second_us", format_us),
        number(f"difference{both}", "difference_us", format_us),
        number("of it", "share", format_percent),
        number("GMAC/s", lambda row: row["first_gmacs_per_s"] or None, format_rate),
        number("GMAC/s 2", lambda row: row["second_gmacs_per_s"] or None, format_rate),
    )


def _marks(comparison: Comparison) -> tuple[str, str, str]:
    """What stands behind the times of the first, of the second, and behind what both make."""
    first, second = (MARK if facts.software else "" for facts in (comparison.first, comparison.second))
    return first, second, first or second


def operators_table(comparison: Comparison) -> Table:
    """Return one file's operators, the first profile's times beside the second's.

    What one of the two cannot tell apart is one row, and the other's times in it are added up.
    """
    first, second, both = _marks(comparison)
    columns = (
        text("", lambda row: numbers_of(row["operators"])),
        text("operators", "opcode"),
        text("layers", "name"),
        number("MACs", lambda row: row["macs"] or None, format_count),
        number(f"time{first}", "first_us", format_us),
        number(f"time 2{second}", "second_us", format_us),
        number(f"2 / 1{both}", "ratio", lambda value: f"{value:.2f}"),
    )
    rows = [asdict(each) for each in comparison.operators]
    refused = (text("left to the CPU", "refused"),) if any(row["refused"] for row in rows) else ()
    note = f"{_conditions('First', comparison.first)} {_conditions('Second', comparison.second)} {BESIDE}"
    title = f"Operators of {comparison.first.network}, one inference"
    return table_of(title, (*columns, *refused), rows, note, ("layers", "MACs"))


def numbers_of(indices: Sequence[int]) -> str:
    """Return numbers of neighbours as text.

    Example:
        >>> numbers_of([4]), numbers_of([4, 5, 6])
        ('4', '4-6')
    """
    return str(indices[0]) if len(indices) == 1 else f"{indices[0]}-{indices[-1]}"


def _conditions(name: str, facts: Facts) -> str:
    return f"{name}: {facts.network}, {facts.kind}, {facts.number_type}; {facts.setting}; {facts.device}."


def comparison_sentences(comparison: Comparison) -> list[str]:
    """Return sentences that explain the difference between two profiles.

    They say how much slower the second is, which rates both reach in MACs and bytes a second, which
    categories lose most, and what limits each of the two.
    """
    return [
        _times(comparison),
        *_rates(comparison.first, comparison.second),
        *_losing_categories(comparison.categories),
        *_limits("first", comparison.first),
        *_limits("second", comparison.second),
    ]


def _times(comparison: Comparison) -> str:
    first, second, both = _marks(comparison)
    times = f"{format_us(comparison.second.steps_us)}{second} against {format_us(comparison.first.steps_us)}{first}"
    said = f"The second takes {comparison.ratio:.3g} times as long as the first ({times})."
    return f"{said} Times of a software adapter say nothing about a GPU." if both else said


def _rates(first: Facts, second: Facts) -> list[str]:
    """Compare work and rate of two networks; nothing where the work is the same."""
    if first.macs in (second.macs, 0):
        return []
    return [
        f"It has {second.macs / first.macs:.3g} times the multiply-accumulates and runs them at "
        f"{second.gmacs_per_s:.3g} GMAC/s, the first at {first.gmacs_per_s:.3g}."
    ]


def _losing_categories(categories: tuple[CategoryDifference, ...]) -> list[str]:
    losing = sorted((category for category in categories if category.share > 0), key=lambda one: -one.share)
    parts = ", ".join(f"{one.category} {format_percent(one.share)}" for one in losing[:MOST_CATEGORIES])
    return [f"Of the difference, {parts}."] if parts else []


def _limits(name: str, facts: Facts) -> list[str]:
    """Say what one profile's own numbers tell of its speed."""
    found = [
        f"The {name}: {facts.steps} calls, {format_count(facts.macs)} MACs, {format_bytes(facts.bytes_moved)} moved, "
        f"{facts.macs_per_byte:.3g} MACs a byte, {facts.gmacs_per_s:.3g} GMAC/s; steps without any MACs take "
        f"{format_percent(facts.without_macs_us / facts.steps_us)} of the time."
    ]
    if facts.calls_us is not None:
        found.append(f"The {name}: calls alone cost {format_percent(facts.calls_us / facts.steps_us)} of its time.")
    if facts.below_knee_us is not None and facts.bound_us is not None:
        found.append(
            f"The {name}: bandwidth limits {facts.below_knee_steps} of its {facts.steps} steps, "
            f"{format_percent(facts.below_knee_us / facts.steps_us)} of the time; at the machine's limits it would "
            f"take {format_us(facts.bound_us)}, {format_percent(facts.bound_us / facts.steps_us)} of what it takes."
        )
    return found
