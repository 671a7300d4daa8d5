"""The progress of a search: `front.json` holds it, the live table shows it, and the report reads it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tfkws.config import SearchConfig
from tfkws.config.strict import read
from tfkws.errors import ConfigError, SearchError
from tfkws.result_files import FRONT
from tfkws.run_folder import read_record
from tfkws.tuner.fronts.front import best_within, describe_front, front_of, hypervolume_history
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import TrialRecord


@dataclass(frozen=True)
class SearchStatus:
    """A search at one moment.

    Attributes:
        objectives: names, the learned one first.
        planned: trials in all, with the fine-tuning of the front as it is now.
        completed, stopped, infeasible, running: trials by what became of them.
        fine_tuned: whether `members` are fine-tuned ones.
        seconds_left: estimate from the trials so far; None before the first one has finished.
        hypervolume: share 0..1 of the volume between the bounds that the searched trials dominate.
        hypervolume_history: the same after each searched trial, in order of arrival.
        members: the front, one row a member: see `tfkws.tuner.fronts.front.describe_front`.
        searched_front: numbers of the candidates on the front before fine-tuning.
        majority_error: error 0..1 of always answering the commonest class of the validation split; None where that is
            not known.
        limits: of the search: largest value by name of the cost.
        best_under_budget: number of the member with the lowest error within all limits; None without one.
    """

    objectives: tuple[str, ...]
    planned: int
    completed: int
    stopped: int
    infeasible: int
    running: int
    fine_tuned: bool
    seconds_left: float | None
    hypervolume: float
    hypervolume_history: list[float]
    members: list[dict[str, Any]]
    searched_front: list[int]
    majority_error: float | None = None
    limits: dict[str, float] = field(default_factory=dict)
    best_under_budget: int | None = None

    @property
    def finished(self) -> int:
        """Number of trials that are done: completed, stopped early or infeasible."""
        return self.completed + self.stopped + self.infeasible

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values; without limits nothing is said of them."""
        left_out = () if self.limits else ("limits", "best_under_budget")
        return {name: value for name, value in asdict(self).items() if name not in left_out}


def summarise(records: Sequence[TrialRecord], config: SearchConfig, problem: Problem, workers: int) -> SearchStatus:
    """Return the progress of a search from its records: counts, seconds left, hypervolume and front.

    Args:
        workers: trials at a time.
    """
    searched, tuned = split_stages(records, config)
    front, tuned_front = front_of(searched, problem), front_of(tuned, problem)
    history = hypervolume_history(searched, problem)
    best = best_within(tuned_front or front, problem, config.limits)
    return SearchStatus(
        objectives=config.objectives,
        planned=sum(config.stages) + (len(front) if config.fine_tune_iterations else 0),
        **{status: sum(r.status == status for r in records) for status in COUNTED},
        fine_tuned=bool(tuned_front),
        seconds_left=_seconds_left(searched, tuned, config, len(front), workers),
        hypervolume=history[-1] if history else 0.0,
        hypervolume_history=history,
        members=describe_front(tuned_front or front, problem),
        searched_front=[record.number for record in front],
        limits=config.limits,
        best_under_budget=best.number if best and config.limits else None,
    )


COUNTED = ("completed", "stopped", "infeasible", "running")


def split_stages(records: Sequence[TrialRecord], config: SearchConfig) -> tuple[list[TrialRecord], list[TrialRecord]]:
    """Return (searched trials, fine-tuned trials)."""
    last = len(config.stages)
    return [record for record in records if record.stage < last], [record for record in records if record.stage == last]


def _seconds_left(
    searched: list[TrialRecord], tuned: list[TrialRecord], config: SearchConfig, front_size: int, workers: int
) -> float | None:
    """Estimate the seconds to come: the mean of a searched trial each, of a fine-tuned one by its iterations."""
    timed = [record.metrics["seconds"] for record in searched if "seconds" in record.metrics]
    if not timed:
        return None
    to_search = sum(config.stages) - sum(record.status != "running" for record in searched)
    to_tune = front_size - sum(record.status != "running" for record in tuned)
    longer = config.fine_tune_steps / config.iterations
    return (max(to_search, 0) + max(to_tune, 0) * longer) * sum(timed) / len(timed) / max(workers, 1)


def read_status(folder: Path) -> SearchStatus:
    """Read `front.json` of a search folder.

    Raises:
        SearchError: the folder holds no search.
    """
    if not (folder / FRONT).is_file():
        raise SearchError(f"{folder} holds no search; give the folder that `tfkws search` printed.")
    values = read_record(folder / FRONT)
    try:
        return SearchStatus(**{**values, "objectives": read(tuple[str, ...], values.get("objectives"), "objectives")})
    except (ConfigError, TypeError) as error:
        raise SearchError(f"{folder / FRONT} is damaged ({error}); run the search again to write it anew.") from None
