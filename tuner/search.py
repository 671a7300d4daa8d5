"""Algorithm 1 of paper B: search in stages, freeze between them what the front agrees on, fine-tune the front."""

import fcntl
import itertools
import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfkws.config import Config, RunConfig, SearchConfig
from tfkws.errors import SearchError
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.early_stopping import make_rule
from tfkws.tuner.evaluate import Evaluate, Trial, check_limits
from tfkws.tuner.freezing import Freeze, FreezeRule, apply_freezes, propose_freezes
from tfkws.tuner.fronts.front import front_of, trial_folder
from tfkws.tuner.oracle import JOURNAL, ParetoOracle
from tfkws.tuner.problem.objectives import get_objectives
from tfkws.tuner.problem.problem import KnownCost, Problem
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.progress import FRONT, SearchStatus, summarise
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import TrialRecord, Values
from tfkws.tuner.start_weights import nearest_trained, same_values
from tfkws.tuner.workers.processes import Workers, make_workers
from tfkws.tuner.workers.ray import cluster_workers
from tfkws.tuner.workers.ray_connection import Cluster

CONFIG, FREEZES, LOCK = "config.json", "freezes.json", "search.lock"


@dataclass(frozen=True)
class SearchResult:
    """What a search came to.

    Attributes:
        front: the Pareto-optimal trials: the fine-tuned ones where there was fine-tuning, re-ranked.
        searched_front: the front before fine-tuning.
        freezes: what was fixed, by stage.
        records: all trials.
    """

    front: list[TrialRecord]
    searched_front: list[TrialRecord]
    freezes: list[list[Freeze]]
    records: list[TrialRecord]


def run_search(
    config: SearchConfig,
    evaluate: Evaluate,
    folder: Path,
    *,
    space: SearchSpace,
    known_costs: Mapping[str, KnownCost],
    run: RunConfig | None = None,
    device: Config | None = None,
    workers: int = 0,
    cluster: Cluster | None = None,
    resume: bool = False,
    on_change: Callable[[SearchStatus], None] | None = None,
) -> SearchResult:
    """Search, or go on with a search that was interrupted, however it was; a finished one is only read.

    Args:
        config: stages, lengths, strategy, limits.
        evaluate: trains and measures one candidate.
        folder: for config, journal, front, freezes and one folder a trial.
        space: where to look.
        known_costs: exact cost by name before training, "macs" among them.
        run, device: what the evaluator trains and measures on, kept in `config.json`.
        workers: trials at a time, each in a process of its own; 0 evaluates in this process, or takes as many as a
            cluster has room for and the lookahead allows.
        cluster: where the trials run, if not on this machine; no part of what the search is.
        resume: whether `folder` may hold this search already.
        on_change: called after every start and end of a trial.

    Raises:
        SearchError: the folder holds another search or is in use, or there are more workers than the lookahead allows,
            or the cluster cannot run trials.
        RuntimeUnavailableError: Ray is needed and not installed.
        JournalError: the journal is damaged before its last line.
    """
    if workers > config.lookahead + 1:
        raise SearchError(f"{workers} workers need a lookahead of at least {workers - 1}. Received {config.lookahead}.")
    # Workers first: where a cluster cannot be reached, nothing must be written. They end before the folder is let go.
    with (
        _open_workers(evaluate, workers, cluster, folder, config, run) as opened,
        _claimed(folder, describe(config, space, run, device), resume),
        closing(opened),
    ):
        return _Loop(config, opened, folder, space, known_costs, on_change).run()


def _open_workers(
    evaluate: Evaluate,
    workers: int,
    cluster: Cluster | None,
    folder: Path,
    config: SearchConfig,
    run: RunConfig | None,
) -> AbstractContextManager[Workers]:
    if cluster is None:
        return nullcontext(make_workers(evaluate, workers))
    needs = [Path(run.data_dir)] if run else []
    return cluster_workers(cluster, evaluate, folder, needs, workers or config.lookahead + 1)


def describe(config: SearchConfig, space: SearchSpace, run: Config | None, device: Config | None) -> dict[str, Any]:
    """What `config.json` of a search folder holds."""
    parts: dict[str, Any] = {"search": config, "space": space, "run": run, "device": device}
    return {name: part.to_dict() if part else None for name, part in parts.items()}


@contextmanager
def _claimed(folder: Path, description: dict[str, Any], resume: bool) -> Iterator[None]:
    """Hold the folder for this process, with this configuration; the lock ends with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SearchError(f"Another search is running in {folder}; wait for it, or choose another --out.") from None
        _check_config(folder, description, resume)
        yield


def _check_config(folder: Path, description: dict[str, Any], resume: bool) -> None:
    if not (folder / CONFIG).exists():
        write_json(folder / CONFIG, description)
        return
    if not resume:
        raise SearchError(f"{folder} holds a search already; go on with it by --resume, or choose another --out.")
    there, here = read_json(folder / CONFIG), _as_json(description)
    there["search"] = _as_json(SearchConfig.from_dict(there["search"]).to_dict())  # younger settings: their defaults
    parts = [name for name in here if there.get(name) != here[name]]
    if parts:
        raise SearchError(f"{folder} holds a search with another {' and '.join(parts)}; choose another --out.")


def _as_json(value: Any) -> Any:
    """As it reads after JSON, where tuples are lists."""
    return json.loads(json.dumps(value))


class _Loop:
    """The run of one search: stages of trials, driven through the oracle."""

    def __init__(
        self,
        config: SearchConfig,
        workers: Workers,
        folder: Path,
        space: SearchSpace,
        known_costs: Mapping[str, KnownCost],
        on_change: Callable[[SearchStatus], None] | None,
    ) -> None:
        self.config, self.workers, self.folder, self.on_change = config, workers, folder, on_change
        limits = {name: limit for name, limit in config.limits.items() if name in known_costs}
        self.problem = Problem(space, get_objectives(config.objectives), known_costs, limits, config.max_error)
        self.limits_to_measure = {name: limit for name, limit in config.limits.items() if name not in known_costs}
        self.oracle = ParetoOracle(
            self.problem.objectives,
            known_costs=known_costs,
            limits=limits,
            worst=config.max_error,
            strategy=config.strategy,
            lookahead=config.lookahead,
            seed=config.seed,
            journal=Journal(folder / JOURNAL),
            start_from=self._start_from,
        )
        self.oracle.verbose = 0
        self.freezes: list[list[Freeze]] = []
        self._in_flight: dict[int, tuple[str, Any]] = {}

    def run(self) -> SearchResult:
        """Run all stages and the fine-tuning; what the journal holds already is not repeated."""
        for stage, count in enumerate(self.config.stages):
            problem = self.problem.within(self._frozen_space())
            start = [values for values in problem.space.start if problem.feasible(values)] if stage == 0 else []
            self.oracle.start_stage(stage, problem, start)
            self._run_stage(stage, count, self.config.iterations)
            if stage + 1 < len(self.config.stages):
                self._freeze(stage)
        searched = self._front(range(len(self.config.stages)))
        front = self._fine_tune(searched) if self.config.fine_tune_iterations else searched
        self._changed(finished=True)
        return SearchResult(front, searched, self.freezes, self.oracle.history)

    def _fine_tune(self, searched: list[TrialRecord]) -> list[TrialRecord]:
        """Train each member of the front for longer, and rank the results again."""
        stage = len(self.config.stages)
        self.oracle.start_stage(stage, self.problem, [record.values for record in searched])
        self._run_stage(stage, len(searched), self.config.fine_tune_steps)
        return self._front([stage])

    def _start_from(self, values: Values, visible: Sequence[TrialRecord]) -> int | None:
        """Number of the trial whose weights a candidate begins with."""
        if self.oracle.stage == len(self.config.stages):
            return same_values(visible, values, self.oracle.stage) if self.config.fine_tune_from == "weights" else None
        return nearest_trained(visible, values, self.problem.space) if self.config.warm_start else None

    def _freeze(self, stage: int) -> None:
        """Fix what the front of the stages so far agrees on; its members stay on the front whatever they have."""
        front = self._front(range(stage + 1))
        self.freezes.append(propose_freezes(front, self._frozen_space(), FreezeRule(self.config.freeze_support)))
        stages = [[freeze.to_dict() for freeze in freezes] for freezes in self.freezes]
        write_json(self.folder / FREEZES, {"stages": stages})

    def _frozen_space(self) -> SearchSpace:
        return apply_freezes(self.problem.space, [freeze for freezes in self.freezes for freeze in freezes])

    def _run_stage(self, stage: int, count: int, iterations: int) -> None:
        """Keep the workers busy until `count` candidates of the stage are finished, or nothing is left to try."""
        exhausted = False
        while True:
            records = self.oracle.stage_records(stage)
            finished = sum(record.status != "running" for record in records)
            while (
                not exhausted and finished + len(self._in_flight) < count and len(self._in_flight) < self.workers.slots
            ):
                exhausted = not self._start_trial(stage, iterations)
            if not self._in_flight:
                return
            self._changed(finished=False)
            self._finish_trial(*self.workers.next_outcome())
            self._changed(finished=True)

    def _start_trial(self, stage: int, iterations: int) -> bool:
        """Start the next trial; False if the oracle has none."""
        busy = {slot for slot, _ in self._in_flight.values()}
        slot = next(f"worker{i}" for i in itertools.count() if f"worker{i}" not in busy)
        keras_trial = self.oracle.create_trial(slot)
        if keras_trial.status != "RUNNING":
            return False
        number, values = int(keras_trial.trial_id), dict(keras_trial.hyperparameters.values)
        parent = self.oracle.started_from(keras_trial.trial_id)
        trial = Trial(
            number,
            stage,
            iterations,
            self.folder / trial_folder(number),
            self._stopping(number, stage, values, warm=parent is not None),
            self.limits_to_measure,
            None if parent is None else self.folder / trial_folder(parent),
        )
        self._in_flight[number] = (slot, keras_trial)
        self.workers.start(values, trial)
        return True

    def _stopping(self, number: int, stage: int, values: Values, *, warm: bool) -> Any:
        if not self.config.early_stopping or stage == len(self.config.stages):
            return None
        visible = self.oracle.visible(number)
        return make_rule(visible, values, number, self.config.iterations, self.problem, warm=warm)

    def _finish_trial(self, number: int, outcome: Any) -> None:
        _, keras_trial = self._in_flight.pop(number)
        reason = outcome if isinstance(outcome, str) else self._report(keras_trial.trial_id, outcome)
        keras_trial.status, keras_trial.message = ("INVALID", reason) if reason else ("COMPLETED", None)
        self.oracle.end_trial(keras_trial)

    def _report(self, trial_id: str, measurement: Any) -> str:
        """Hand a measurement to the oracle; why it is unusable, or nothing."""
        import keras_tuner

        try:
            check_limits(measurement.metrics, self.limits_to_measure)
            self.oracle.report(trial_id, measurement)
        except (keras_tuner.errors.FailedTrialError, SearchError) as error:
            return str(error)
        return ""

    def _front(self, stages: Container[int]) -> list[TrialRecord]:
        records = [record for record in self.oracle.history if record.stage in stages]
        return front_of(records, self.problem)

    def _changed(self, *, finished: bool) -> None:
        """Tell whoever watches, and bring `front.json` up to date when a trial has finished."""
        write = finished or not (self.folder / FRONT).exists()
        if not write and self.on_change is None:
            return
        status = summarise(self.oracle.history, self.config, self.problem, self.workers.slots)
        if write:
            write_json(self.folder / FRONT, status.to_dict())
        if self.on_change is not None:
            self.on_change(status)
