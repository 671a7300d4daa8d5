"""The Pareto front of a search as records, as a file, and its growth over trials."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfkws.result_files import trial_folder
from tfkws.tuner.fronts.hypervolume import hypervolume
from tfkws.tuner.fronts.pareto import nondomination_rank, pareto_mask
from tfkws.tuner.problem.objectives import Objective, to_losses
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import TrialRecord, Values, completed


def front_of(records: Sequence[TrialRecord], problem: Problem) -> list[TrialRecord]:
    """Return the Pareto-optimal ones among the acceptable completed records.

    They are ordered by the last objective, then by those before it.
    """
    known = completed(records)
    losses = to_losses(known, problem.objectives)
    # What is not acceptable dominates nothing that is: its first loss is larger.
    mask = pareto_mask(losses) & (losses[:, 0] <= problem.worst_loss)
    order = np.lexsort(losses.T) if len(known) else []
    return [known[i] for i in order if mask[i]]


def best_within(front: Sequence[TrialRecord], problem: Problem, limits: Mapping[str, float]) -> TrialRecord | None:
    """Return the member of a front with the lowest first loss among those within all limits; None where none is.

    Args:
        limits: largest value by name of a metric or a known cost; what is known of neither holds no limit.
    """

    def within(record: TrialRecord) -> bool:
        known = {name: problem.cost(name, record.values) for name in limits if name in problem.known_costs}
        values = known | dict(record.metrics)
        return all(values.get(name, np.inf) <= limit for name, limit in limits.items())

    first = problem.objectives[0]
    return min(filter(within, front), key=lambda record: first.to_loss(record.metrics[first.name]), default=None)


def front_by_front(records: Sequence[TrialRecord], objectives: Sequence[Objective]) -> list[TrialRecord]:
    """Return the completed records front by front, within a front by the first objective, best first.

    Source: the sorting of NSGA-II, Deb et al. 2002.
    """
    known = completed(records)
    losses = to_losses(known, objectives)
    order = np.lexsort((losses[:, 0], nondomination_rank(losses)))
    return [known[i] for i in order]


def bounds(problem: Problem, records: Sequence[TrialRecord]) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses between which the hypervolume of a search is measured: (ideal, reference), float (m,) each.

    An objective that is a fraction goes from 0 to 1, the first one to the worst acceptable value; a known
    cost from that of the first choices of all parameters to that of the last ones; anything else from the
    least to the largest value measured.
    """
    corners = [{param.name: param.choices[i] for param in problem.space.params} for i in (0, -1)]
    rows = [_bounds_of(objective, problem, corners, completed(records)) for objective in problem.objectives]
    reference = np.max(rows, axis=1)
    reference[0] = min(reference[0], problem.worst_loss)
    return np.min(rows, axis=1), reference


def _bounds_of(
    objective: Objective, problem: Problem, corners: Sequence[Mapping[str, Any]], known: Sequence[TrialRecord]
) -> list[float]:
    if objective.unit == "fraction":
        return [objective.to_loss(0.0), objective.to_loss(1.0)]
    if objective.name in problem.known_costs:
        return [objective.to_loss(problem.cost(objective.name, values)) for values in corners]
    losses = to_losses(known, [objective])[:, 0]
    return [float(losses.min()), float(losses.max())] if len(losses) else [0.0, 1.0]


def hypervolume_history(records: Sequence[TrialRecord], problem: Problem) -> list[float]:
    """Return the share 0..1 of the volume between the `bounds` that the finished trials dominate.

    It is given after the first 1, 2, ... of them.
    """
    ideal, reference = bounds(problem, records)
    size = np.where(reference > ideal, reference - ideal, 1.0)
    front, volume, history = np.zeros((0, len(ideal))), 0.0, []
    for record in records:
        if record.status == "completed":
            point = np.maximum((to_losses([record], problem.objectives) - ideal) / size, 0.0)
            if not (front <= point).all(axis=1).any():
                front = np.vstack([front, point])
                front = front[pareto_mask(front)]
                volume = hypervolume(front, np.ones(len(ideal)))
        if record.status != "running":
            history.append(volume)
    return history


def describe_front(front: Sequence[TrialRecord], problem: Problem) -> list[dict[str, Any]]:
    """Return the members of a front as JSON-ready rows.

    Each has number, stage, model, variant, training, values, network, folder, and metrics (int or float) by
    name.
    `started_from` is the number of the trial whose weights it began with, None where its score is that of a
    cold start.
    """
    return [
        {
            "number": record.number,
            "stage": record.stage,
            "model": problem.space.model,
            "variant": problem.space.model_variant(record.values),
            "training": problem.space.training_settings(record.values),
            "values": dict(record.values),
            "network": network_text(record.values, problem),
            "folder": trial_folder(record.number),
            "started_from": record.started_from,
            **record.metrics,
        }
        for record in front
    ]


def network_text(values: Values, problem: Problem) -> str:
    """Return a network in a line: the texts that build it, or the searched values.

    The latter where single layers have sizes of their own.
    """
    settings = problem.space.model_variant(values) | problem.space.training_settings(values)
    if any(isinstance(value, Mapping) for value in settings.values()):
        return ", ".join(f"{name} {value}" for name, value in values.items())
    return " ".join(str(value) for value in settings.values())
