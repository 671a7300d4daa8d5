"""Figures as Matplotlib figures; `to_svg` and `save_png` turn them into what a page or a README shows."""

import io
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from tfkws.run_folder import atomic_path
from tfkws.units import format_percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # the same bytes each time, and no address in them
BLUE = "#2563a8"
ORANGE = "#d97706"
GREEN = "#2e7d4f"
GREY = "#9aa3ad"
RED = "#b3372f"
COLOURS = (BLUE, ORANGE, GREEN, RED, GREY)  # of lines, in this order


def new_figure(width: float = 6.4, height: float = 4.0) -> tuple["Figure", Any]:
    """Return one figure with one axis, in the report's style; sizes in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axis = figure.add_subplot()
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(alpha=0.25, linewidth=0.6)
    axis.set_axisbelow(True)
    return figure, axis


def confusion_figure(confusion: Sequence[Sequence[int]], labels: Sequence[str]) -> "Figure":
    """Draw a confusion matrix, shaded by the share of each true class (row), with the counts written in.

    Args:
        confusion: counts (int) of shape (classes, classes), rows true, columns answered.
        labels: of the classes.
    """
    size = 2.2 + 0.5 * len(labels)
    figure, axis = new_figure(size + 0.6, size)
    shares = [[count / max(1, sum(row)) for count in row] for row in confusion]
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(confusion):
        for j, count in enumerate(row):
            colour = "white" if shares[i][j] > 0.5 else "black"
            axis.text(j, i, str(count), ha="center", va="center", color=colour, fontsize=8)
    axis.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axis.set_yticks(range(len(labels)), labels)
    axis.set_xlabel("answered")
    axis.set_ylabel("true")
    axis.grid(visible=False)
    return figure


def map_figure(values: Sequence[Sequence[float]], rows: str) -> "Figure":
    """Draw one feature map, rows upwards and time to the right.

    Each row is drawn in standard deviations from its own mean.

    Args:
        values: of shape (rows, frames).
        rows: label of the vertical axis.
    """
    import numpy as np

    figure, axis = new_figure(4.6, 3.0)
    maps = np.asarray(values)
    shown = (maps - maps.mean(axis=1, keepdims=True)) / (maps.std(axis=1, keepdims=True) + 1e-6)
    axis.imshow(shown, aspect="auto", origin="lower", cmap="magma", vmin=-2.5, vmax=2.5)
    axis.set_xlabel("frame")
    axis.set_ylabel(rows)
    axis.grid(visible=False)
    return figure


def history_figure(history: Sequence[dict[str, float]]) -> "Figure":
    """Draw the losses of training and validation (cross-entropy) and validation accuracy against iterations.

    Args:
        history: rows with the keys of `EpochRow`; accuracy as a share 0..1.
    """
    figure, axis = new_figure()
    iterations = [row["iteration"] for row in history]
    axis.plot(iterations, [row["loss"] for row in history], color=GREY, label="training loss")
    axis.plot(iterations, [row["validation_loss"] for row in history], color=ORANGE, label="validation loss")
    axis.set_xlabel("iterations")
    axis.set_ylabel("cross-entropy")
    right = axis.twinx()
    right.plot(iterations, [row["validation_accuracy"] for row in history], color=BLUE, label="validation accuracy")
    low, high = right.get_ylim()
    right.set_ylim(max(low, 0.0), min(high, 1.0))
    right.yaxis.set_major_formatter(lambda value, _: format_percent(value, digits=0))
    right.spines["top"].set_visible(False)
    lines = [*axis.get_lines(), *right.get_lines()]
    axis.legend(lines, [str(line.get_label()) for line in lines], frameon=False, loc="center right")
    return figure


def bars_figure(names: Sequence[str], values: Sequence[float], label: str) -> "Figure":
    """Draw horizontal bars in the given order, from the top.

    Args:
        names: of the bars.
        values: float, one a name, in the unit that `label` states.
        label: of the horizontal axis.
    """
    figure, axis = new_figure(6.4, 0.9 + 0.28 * len(names))
    axis.barh(range(len(names)), values, color=BLUE, height=0.65)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.invert_yaxis()
    axis.set_xlabel(label)
    return figure


def layer_error_figure(layers: Sequence[Mapping[str, Any]], marked: int | None) -> "Figure":
    """Draw signal to noise and cosine of every operator of a quantised network against float32, in execution order.

    Args:
        layers: rows of a parity file, with index, name, snr_db and cosine.
        marked: `index` of the first bad layer, drawn in red; None marks none.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(6.4, min(14.0, 2.0 + 0.22 * len(layers))), 5.2), layout="constrained")
    noise, likeness = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    places = range(len(layers))
    for axis, key, label in ((noise, "snr_db", "signal to noise (dB)"), (likeness, "cosine", "cosine")):
        axis.plot(places, [row[key] for row in layers], color=BLUE, marker="o", markersize=3.5, linewidth=1)
        axis.set_ylabel(label)
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25, linewidth=0.6)
    noise.axhline(30, color=GREY, linestyle="--", linewidth=0.8, label="30 dB: what int8 reaches where ranges fit")
    for place, row in enumerate(layers):
        if row["index"] == marked:
            noise.plot(place, row["snr_db"], "o", color=RED, label=f"first bad layer: {row['name']}")
            likeness.plot(place, row["cosine"], "o", color=RED)
    noise.legend(frameon=False, fontsize=8)
    step = -(-len(layers) // 60)
    likeness.set_xticks(places[::step], [row["name"] for row in layers][::step], rotation=90, fontsize=6)
    return figure


def samples_figure(samples_us: Mapping[str, Sequence[float]]) -> "Figure":
    """Draw the cumulative share of single inferences below a time (µs, logarithmic), one line a run."""
    figure, axis = new_figure()
    for colour, (name, samples) in zip(cycle(COLOURS), samples_us.items(), strict=False):
        ordered = sorted(samples)
        axis.step(ordered, [(i + 1) / len(ordered) for i in range(len(ordered))], color=colour, label=name)
    axis.set_xscale("log")
    axis.set_xlabel("time of one inference (µs)")
    axis.set_ylabel("share of inferences")
    axis.legend(frameon=False)
    return figure


def det_figure(curves: Mapping[str, Sequence[Mapping[str, float]]]) -> "Figure":
    """Draw the DET curve of a wake word for each model: misses against false accepts, both in percent.

    Axes are normal deviates, on which normally distributed scores give straight lines (Martin et al. 1997); rates
    of 0 and 1 lie outside of the frame.

    Args:
        curves: by model, points with "miss_rate" and "false_accept_rate", 0..1.
    """
    deviate = NormalDist().inv_cdf
    ticks = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8)
    figure, axis = new_figure()
    for colour, (name, points) in zip(cycle(COLOURS), curves.items(), strict=False):
        pairs = [(point["false_accept_rate"], point["miss_rate"]) for point in points]
        inside = [(deviate(x), deviate(y)) for x, y in pairs if 0 < x < 1 and 0 < y < 1]
        axis.plot([x for x, _ in inside], [y for _, y in inside], color=colour, label=name, linewidth=1.6)
    for set_ticks, set_limits in ((axis.set_xticks, axis.set_xlim), (axis.set_yticks, axis.set_ylim)):
        set_ticks([deviate(tick) for tick in ticks], [f"{100 * tick:g}" for tick in ticks])
        set_limits(deviate(0.0005), deviate(0.85))
    axis.set_xlabel("false accepts (% of the clips without the word)")
    axis.set_ylabel("misses (%)")
    axis.legend(frameon=False, fontsize=8)
    return figure


def curve_figure(score: dict[str, Any]) -> "Figure":
    """Draw the curves of a `long-audio-*.json`: share of words missed (0..1) against false accepts an hour.

    Three or fewer false accepts are drawn as three, which is what the hours can exclude. A source without
    words has no false rejects; its line shows the threshold instead.
    """
    figure, axis = new_figure()
    for colour, (source, points) in zip(COLOURS, score["curves"].items(), strict=False):
        rates = [max(point["false_accepts"], 3) / point["hours"] for point in points if point["hours"] > 0]
        with_words = bool(points) and points[0]["utterances"] > 0
        shares = [
            point["misses"] / point["utterances"] if with_words else point["threshold"]
            for point in points
            if point["hours"] > 0
        ]
        label = source if with_words else f"{source}: threshold, as there are no words"
        axis.plot(rates, shares, color=colour, label=label, linewidth=1.6, linestyle="-" if with_words else ":")
    axis.set_xscale("log")
    axis.set_ylim(0, 1)
    axis.set_xlabel("false accepts an hour (three or fewer events are drawn as three)")
    axis.set_ylabel("share of words missed")
    axis.set_title(f"{score['bundle']}: {', '.join(score['words'])}", fontsize=10)
    if score["curves"]:
        axis.legend(frameon=False, fontsize=8)
    return figure


def to_svg(figure: "Figure") -> str:
    """Return the figure as an SVG element, the same bytes for the same figure."""
    import matplotlib

    text = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "tfkws", "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure.savefig(text, format="svg", metadata=NO_METADATA)
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def save_png(figure: "Figure", path: Path) -> None:
    """Write the figure as PNG at 150 dots per inch."""
    with atomic_path(path) as partial:
        figure.savefig(partial, dpi=150, format="png")
