"""The curve of misses against false accepts an hour, with the chosen threshold marked."""

from typing import TYPE_CHECKING, Any

from tfkws.intervals import LEVEL, share_interval
from tfkws.report.plots import BLUE, GREY, ORANGE, new_figure
from tfkws.units import format_percent
from tfkws.views.table import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
MOST_PER_HOUR = 100.0  # a detector of more is of no use


def misses_figure(record: Record) -> "Figure":
    """Draw the share of phrases missed against false accepts an hour, the interval of the misses shaded.

    The axis of false accepts is logarithmic from one in the hours that there are upwards, and has a place for none.

    Args:
        record: of a run, with its curve.
    """
    validation = record["validation"]
    hours, utterances = validation["false_accepts"]["hours"], validation["utterances"]
    wanted = record["settings"]["false_accepts_per_hour"]
    points = [each for each in record["curve"] if each["false_accepts"] / hours <= max(MOST_PER_HOUR, 4 * wanted)]
    rates = [each["false_accepts"] / hours for each in points]
    low, high = zip(*(share_interval(each["misses"], utterances) for each in points), strict=True)
    figure, axis = new_figure(7.2, 3.8)
    shaded = f"{LEVEL} of the misses"
    axis.fill_between(rates, low, high, step="post", color=BLUE, alpha=0.15, linewidth=0, label=shaded)
    axis.step(rates, [each["misses"] / utterances for each in points], where="post", color=BLUE, linewidth=1.6)
    axis.axvline(wanted, color=GREY, linestyle="--", linewidth=1, label=f"asked for: {wanted:g} an hour")
    _mark(axis, record)
    _scale(axis, hours, max([*rates, 2 * wanted]))
    axis.set_ylim(0, min(1.0, 1.1 * max(high)))
    axis.yaxis.set_major_formatter(lambda value, _: format_percent(value, digits=0))
    axis.set_xlabel(f"false accepts an hour, on {hours:.3g} h of validation tracks")
    axis.set_ylabel("phrases missed (synthetic speech)")
    axis.legend(frameon=False, fontsize=8)
    return figure


def _mark(axis: Any, record: Record) -> None:
    """Mark the chosen threshold, with the intervals of both rates."""
    found = record["validation"]
    accepted = found["false_accepts"]
    x, y = accepted["events"] / accepted["hours"], found["misses"] / found["utterances"]
    sides = [[x - accepted["interval"][0]], [accepted["interval"][1] - x]]
    heights = [[y - found["missed_interval"][0]], [found["missed_interval"][1] - y]]
    label = f"chosen: threshold {record['detector']['threshold']:.3f}"
    axis.errorbar([x], [y], heights, sides, "o", color=ORANGE, capsize=3, linewidth=1.2, zorder=3, label=label)


def _scale(axis: Any, hours: float, most: float) -> None:
    """Give the axis of false accepts a place for none, left of one in all the hours."""
    one = 1 / hours
    ticks = [0.0, *(tick for tick in TICKS if one <= tick <= 1.2 * most)]
    axis.set_xscale("symlog", linthresh=one, linscale=0.4)
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
    axis.set_xticks([], minor=True)
    axis.set_xlim(-0.15 * one, 1.2 * most)
