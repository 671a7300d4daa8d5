"""The curve of long audio: false accepts an hour against false rejects, a line a source."""

from typing import TYPE_CHECKING, Any

from tfkws.report.plots import COLOURS, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
