"""One figure: the time of every peer's step over ours, network by network."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from benchmarks.speed.steps.results import NOT_PEERS, NetworkResult
from benchmarks.speed.steps.variants import BEFORE, OURS
from tfkws.report.plots import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def steps_figure(results: Sequence[NetworkResult]) -> "Figure":
    """Draw a row for each network: grey for each peer, blue for the fastest of them, orange for this package before."""
    from matplotlib.figure import Figure

    shown = [result for result in results if OURS in result.seconds]
    figure = Figure(figsize=(8.0, 0.8 + 0.38 * len(shown)), layout="constrained")
    axis = figure.subplots()
    for row, result in enumerate(reversed(shown)):
        for peer in result.ranking:
            over = result.over_ours(peer)
            if peer == OURS:
                continue
            fastest = peer == result.fastest_peer
            colour = ORANGE if peer == BEFORE else BLUE if fastest else GREY
            axis.plot([over.low, over.high], [row, row], color=colour, linewidth=1.2)
            axis.plot([over.median], [row], "o", color=colour, markersize=5 if peer in NOT_PEERS or fastest else 3)
    axis.axvline(1.0, color="black", linewidth=1)
    axis.set_xscale("log")
    axis.set_xticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
    axis.set_yticks(range(len(shown)), [result.name for result in reversed(shown)], fontsize=8)
    axis.set_xlabel("time of a training step over that of tfkws (blue: the fastest peer, grey: the others)", fontsize=8)
    axis.grid(axis="x", alpha=0.4, linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)
    return figure
