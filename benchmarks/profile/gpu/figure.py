"""One figure: the same networks on one core, on an emulated core, and on a GPU."""

from typing import TYPE_CHECKING, Any

from benchmarks.profile.gpu.measured import NETWORKS
from benchmarks.profile.gpu.study import Study
from benchmarks.zoo_files import COMMANDS
from tfkws.report.plots import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def networks_figure(study: Study) -> "Figure":
    """Draw a row for each network, fewest multiply-accumulates at the bottom, and a panel for each processor."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 5.2), layout="constrained")
    panels = figure.subplots(1, 4, sharey=True)
    names = sorted(NETWORKS, key=lambda name: study.works[name].macs)
    latency = {name: time.latency_us for name, time in study.times.items()}
    busy = {name: time.busy_us for name, time in study.times.items()}
    macs = {name: float(work.macs) for name, work in study.works.items()}
    _draw(panels[0], names, macs, "multiply-accumulates")
    _draw(panels[1], names, study.cpu_us, "one x86 core (µs)")
    _draw(panels[2], names, study.instructions, "emulated Cortex-A53\n(instructions, no time)")
    _draw(panels[3], names, latency, "GPU (µs): call to answer,\nhollow: kernels busy")
    _draw(panels[3], names, busy, "", hollow=True)
    panels[0].set_yticks(range(len(names)), names, fontsize=7)
    panels[3].set_title(study.card, fontsize=7, loc="left")
    panels[1].set_title("orange: paper A's networks, blue: paper B's", fontsize=7, loc="left")
    return figure


def _draw(axis: Any, names: list[str], values: Any, label: str, *, hollow: bool = False) -> None:
    rows = [(i, name) for i, name in enumerate(names) if name in values]
    for own, colour in ((True, BLUE), (False, ORANGE)):
        points = [(values[name], i) for i, name in rows if (name in COMMANDS) == own]
        if not points:
            continue
        face = "none" if hollow else colour
        axis.scatter(*zip(*points, strict=True), s=22, edgecolors=colour, facecolors=face, linewidths=1, zorder=3)
    axis.set_xscale("log")
    axis.grid(alpha=0.4, linewidth=0.6, color=GREY)
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(labelsize=7)
    if label:
        axis.set_xlabel(label, fontsize=8)
