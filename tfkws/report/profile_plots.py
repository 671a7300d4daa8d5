"""Figures of profiles: operators in the roofline, speed-up against multiply-accumulates."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfkws.profiling.explain.roofline import Roofline
from tfkws.report.plots import BLUE, GREEN, GREY, ORANGE, RED, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = (BLUE, ORANGE, GREEN, RED, "#7b4fa3", "#0f8b8d", "#b58900", "#6b7280")
LOWEST = 1e-3  # GMAC/s; slower operators are drawn here, since a logarithmic axis has no place for 0


def roofline_figure(
    limits: Roofline, peak: str, operators: Mapping[str, Sequence[tuple[float, float]]], title: str = ""
) -> "Figure":
    """Draw achieved rate against arithmetic intensity, both logarithmic, under the roofs of each level of memory.

    Args:
        peak: number type of the flat roof.
        operators: (MACs per byte, GMAC/s) of each operator that multiplies, by network.
    """
    figure, axis = new_figure(6.8, 4.4)
    operators = {name: [(x, max(y, LOWEST)) for x, y in network] for name, network in operators.items()}
    points = [point for network in operators.values() for point in network]
    left = min([0.05, *(intensity for intensity, _ in points)]) / 1.5
    right = max([100.0, *(intensity for intensity, _ in points)]) * 1.5
    _draw_roofs(axis, limits, peak, left, right)
    for colour, (name, network) in zip(COLOURS, operators.items(), strict=False):
        axis.scatter(*zip(*network, strict=True), s=12, alpha=0.6, color=colour, label=name, linewidths=0)
    top = limits.peak_macs_per_s[peak] / 1e9
    axis.set(xscale="log", yscale="log", xlim=(left, right), ylim=(min([0.05, *(y for _, y in points)]) / 2, top * 2))
    axis.set_xlabel("arithmetic intensity (MACs per byte of inputs, weights and outputs)")
    axis.set_ylabel("achieved rate (GMAC/s)")
    axis.set_title(title, fontsize=9, loc="left")
    axis.legend(frameon=False, fontsize=7, loc="lower right", markerscale=1.6)
    return figure


def _draw_roofs(axis: Any, limits: Roofline, peak: str, left: float, right: float) -> None:
    """Draw a slope for each level of memory, and the multiply rate where they end."""
    top = limits.peak_macs_per_s[peak] / 1e9
    for level, style in zip(limits.levels, (":", "--", "-"), strict=False):
        knee = limits.knee(peak, level)
        slope = level.bytes_per_s / 1e9
        label = f"{level.name}, {slope:.0f} GB/s"
        axis.plot([left, knee], [left * slope, top], style, color="black", linewidth=0.9, label=label)
    axis.plot(
        [min(limits.knee(peak, level) for level in limits.levels), right], [top, top], color="black", linewidth=1.2
    )
    above = {"xytext": (0, 3), "textcoords": "offset points", "ha": "right", "fontsize": 7}
    axis.annotate(f"{top:.0f} GMAC/s, {peak}", (right, top), **above)


def speedup_figure(
    speedups: Mapping[str, Sequence[tuple[str, float, float]]], references: Mapping[str, float]
) -> "Figure":
    """Draw speed-up over the seed network against MACs, both logarithmic; (name, MACs, speed-up) by number type.

    Args:
        references: horizontal lines by their label: what the paper reports elsewhere.
    """
    figure, axis = new_figure(6.8, 4.0)
    for colour, (kind, points) in zip(COLOURS, speedups.items(), strict=False):
        ordered = sorted(points, key=lambda point: point[1])
        axis.plot(
            [p[1] for p in ordered], [p[2] for p in ordered], "o-", color=colour, markersize=4, label=kind, linewidth=1
        )
        for name, macs, speedup in ordered:
            axis.annotate(name, (macs, speedup), xytext=(3, 4), textcoords="offset points", fontsize=6, color=colour)
    for label, value in references.items():
        axis.axhline(value, color=GREY, linewidth=0.9, linestyle="--")
        axis.annotate(label, (1, value), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=7)
    axis.set(xscale="log", yscale="log")
    axis.set_xlabel("multiply-accumulates per inference (MACs)")
    axis.set_ylabel("speed-up over the seed")
    axis.legend(frameon=False, fontsize=8)
    return figure
