"""Figures of a search, and the part of its records that they show."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfkws.intervals import LEVEL, normal_half_width
from tfkws.report.plots import BLUE, GREY, ORANGE, new_figure
from tfkws.units import format_percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_SHOWN = 12  # settings of a parameter; of more, only those that occur on the front

Trials = Sequence[Mapping[str, Any]]  # finished trials, as the journal has them


@dataclass(frozen=True)
class Split:
    """Completed trials of a search: all candidates, those on the front, and the fine-tuned ones on theirs."""

    candidates: Trials
    front: Trials
    tuned: Trials


def split_trials(trials: Trials, stages: int, status: Mapping[str, Any]) -> Split:
    """Part the finished trials of a search into candidates, front and fine-tuned front.

    Args:
        trials: rows of the journal.
        stages: number of stages; fine-tuning is the one after the last.
        status: content of `front.json`.
    """
    known = {trial["number"]: trial for trial in trials if trial["status"] == "completed"}
    candidates = [trial for trial in known.values() if trial["stage"] < stages]
    members = [member["number"] for member in status["members"]] if status["fine_tuned"] else []
    return Split(candidates, *(_by_macs(known, numbers) for numbers in (status["searched_front"], members)))


def _by_macs(known: Mapping[int, Mapping[str, Any]], numbers: Sequence[int]) -> Trials:
    return sorted((known[number] for number in numbers), key=lambda trial: trial["metrics"]["macs"])


def front_figure(split: Split) -> "Figure":
    """Draw accuracy against MACs, as in paper B's Figure 4.

    Candidates, their front and the front after fine-tuning are drawn apart.
    """
    figure, axis = new_figure()
    if split.candidates:
        axis.scatter(*_points(split.candidates)[:2], s=16, color=GREY, label="candidates")
    fronts = ((split.front, BLUE, "Pareto front of the candidates"), (split.tuned, ORANGE, "fine-tuned, re-ranked"))
    look = {"marker": "o", "markersize": 4, "capsize": 2, "linewidth": 1.2}
    for trials, colour, label in fronts:
        if trials:
            macs, accuracy, half_widths = _points(trials)
            upwards = [min(half, 1 - reached) for half, reached in zip(half_widths, accuracy, strict=True)]
            axis.errorbar(macs, accuracy, yerr=(half_widths, upwards), color=colour, label=f"{label} ({LEVEL})", **look)
    axis.set_xscale("log")
    axis.set_xlabel("multiply-accumulates per inference (MACs)")
    axis.set_ylabel("validation TOP-1 accuracy")
    axis.set_ylim(top=min(1.0, axis.get_ylim()[1]))
    axis.yaxis.set_major_formatter(lambda value, _: format_percent(value, digits=0))
    axis.legend(frameon=False)
    return figure


def _points(trials: Trials) -> tuple[list[float], list[float], list[float]]:
    """Return MACs, accuracies 0..1, and half the width of their 95 % intervals."""
    metrics = [trial["metrics"] for trial in trials]
    accuracy = [1 - m["top1_error"] for m in metrics]
    return [m["macs"] for m in metrics], accuracy, [normal_half_width(m["standard_error"]) for m in metrics]


def hypervolume_figure(history: Sequence[float]) -> "Figure":
    """Draw the dominated share of the objective space, 0..1, after 1, 2, ... finished trials."""
    figure, axis = new_figure(6.4, 3.0)
    axis.step(range(1, len(history) + 1), history, where="post", color=BLUE)
    axis.set_xlabel("finished trials")
    axis.set_ylabel("hypervolume (share)")
    return figure


def frequency_figure(front: Trials, choices: Mapping[str, Sequence[Any]], frozen: Mapping[str, Any]) -> "Figure":
    """Draw how often each setting is on the front.

    A row is a parameter, a shade the share 0..1 of the members, a frame what was frozen.

    Args:
        front: the members.
        choices: of each parameter, in order.
        frozen: parameters that were fixed, and at what.
    """
    figure, axis = new_figure(7.0, 1.0 + 0.3 * len(choices))
    axis.grid(False)
    for row, (name, values) in enumerate(choices.items()):
        counts = Counter(trial["values"][name] for trial in front)
        if len(values) > MOST_SHOWN:
            values = [value for value in values if counts[value]]
        for column, value in enumerate(values):
            share = counts[value] / max(len(front), 1)
            place = {"y": row, "width": 0.96 / len(values), "left": column / len(values), "height": 0.82}
            axis.barh(**place, color=BLUE, alpha=0.04 + 0.9 * share)
            if frozen.get(name) == value:
                axis.barh(**place, fill=False, edgecolor=ORANGE, linewidth=2)
            label = f"{value}: {counts[value]}" if counts[value] else f"{value}"
            middle, colour = (column + 0.48) / len(values), "white" if share > 0.5 else "black"
            axis.text(middle, row, label, ha="center", va="center", fontsize=7, color=colour)
    axis.set_yticks(range(len(choices)), list(choices))
    axis.set_xticks([])
    axis.invert_yaxis()
    axis.set_xlabel(f"setting: times on the front of {len(front)}; framed: frozen")
    return figure
