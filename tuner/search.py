"""Algorithm 1 of paper B: search in stages, freeze between them what the front agrees on, fine-tune the front.

One loop over three parts, each of which knows nothing of the others: the oracle names trials and keeps their records,
workers evaluate them, and `front.json` follows what is known.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from tfkws.config import Config, RunConfig, SearchConfig
from tfkws.errors import SearchError
from tfkws.result_files import FRONT, trial_folder
from tfkws.run_folder import write_json
from tfkws.tuner.early_stopping import StoppingRule, make_rule
from tfkws.tuner.evaluate import ABOVE, Evaluate, Trial, check_limits
from tfkws.tuner.freezing import Freeze, FreezeRule, apply_freezes, propose_freezes
from tfkws.tuner.fronts.front import front_of
from tfkws.tuner.problem.objectives import get_objectives
from tfkws.tuner.problem.problem import KnownCost, Problem
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.progress import SearchStatus, read_status, summarise
from tfkws.tuner.proposal import Stage, StartFrom, nearest_trained, same_values
from tfkws.tuner.records.trials import TrialRecord
from tfkws.tuner.search_folder import FREEZES, claimed, describe
from tfkws.tuner.staged_oracle import StagedOracle
from tfkws.tuner.workers.outcome import ERROR_FILE, Outcome
from tfkws.tuner.workers.processes import Workers, make_workers
from tfkws.tuner.workers.ray import cluster_workers
from tfkws.tuner.workers.ray_connection import Cluster

HOPELESS = 5  # trials that fail before any has worked: the fault is not theirs


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
    on_change: Callable[[SearchStatus], None] | None = None,
    majority_error: float | None = None,
) -> SearchResult:
    """Search, or go on with a search that was interrupted, however it was; a finished one is only read.

    Args:
        config: stages, lengths, strategy, limits.
        evaluate: trains and measures one candidate.
        folder: for config, journal, front, freezes and one folder a trial; where it holds this search, it goes on.
        space: where to look.
        known_costs: exact cost by name before training, "macs" among them.
        run, device: what the evaluator trains and measures on, kept in `config.json`.
        workers: trials at a time, each in a process of its own; 0 evaluates in this process, or takes as many
            as a cluster has room for and the lookahead allows.
        cluster: where the trials run, if not on this machine; no part of what the search is.
        on_change: called after every start and end of a trial.
        majority_error: 0..1, of always answering the commonest class; kept in `front.json`, so that it need not be
            known to go on.

    Raises:
        SearchError: the folder holds another search or is in use, or there are more workers than the
            lookahead allows, or the cluster cannot run trials.
        RuntimeUnavailableError: Ray is needed and not installed.
        JournalError: the journal is damaged before its last line.
    """
    check_workers(workers, config.lookahead)
    # Workers first: where a cluster cannot be reached, nothing must be written. They end before the folder is let go.
    with (
        _open_workers(evaluate, workers, cluster, folder, config, run) as opened,
        claimed(folder, describe(config, space, run, device)),
        closing(opened),
    ):
        return StagedSearch(
            config, search_problem(config, space, known_costs), opened, folder, on_change, majority_error
        ).run()


def check_workers(workers: int, lookahead: int) -> None:
    """Refuse more workers (int) than let suggestions depend on nothing but their number.

    Raises:
        SearchError: there are more than lookahead + 1.
    """
    if workers > lookahead + 1:
        raise SearchError(f"{workers} workers need a lookahead of at least {workers - 1}. Received {lookahead}.")


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


def search_problem(config: SearchConfig, space: SearchSpace, known_costs: Mapping[str, KnownCost]) -> Problem:
    """Return the problem of a search, with those of its limits whose costs are known before training."""
    limits = {name: limit for name, limit in config.limits.items() if name in known_costs}
    return Problem(space, get_objectives(config.objectives), known_costs, limits, config.max_error)


def start_rule(config: SearchConfig, stage: int, problem: Problem) -> StartFrom | None:
    """Return the rule that names the trial whose weights a candidate of a stage begins with.

    Args:
        stage: int from 0; fine-tuning is the one after the last.

    Returns:
        None for fresh weights.
    """
    if stage == len(config.stages):
        from_weights = config.fine_tune_from == "weights"
        return (lambda values, history: same_values(history, values, stage)) if from_weights else None
    return (lambda values, history: nearest_trained(history, values, problem.space)) if config.warm_start else None


class StagedSearch:
    """A search in its folder: stages of trials, freezing between them, and the fine-tuning of the front.

    Args:
        config: stages, lengths, strategy.
        problem: of the first stage.
        workers: evaluate the trials.
        folder: of the search.
        on_change: called after every start and end of a trial.
    """

    def __init__(
        self,
        config: SearchConfig,
        problem: Problem,
        workers: Workers,
        folder: Path,
        on_change: Callable[[SearchStatus], None] | None,
        majority_error: float | None = None,
    ) -> None:
        self.config = config
        self.problem = problem
        self.workers = workers
        self.folder = folder
        self.on_change = on_change
        self.oracle = StagedOracle(problem, config, folder)
        self.limits_to_measure = {n: limit for n, limit in config.limits.items() if n not in problem.known_costs}
        self._in_flight: dict[int, TrialRecord] = {}
        self._failed = 0  # trials of this run
        known = majority_error is not None or not (folder / FRONT).is_file()
        self._majority_error = majority_error if known else read_status(folder).majority_error

    def run(self) -> SearchResult:
        """Run all stages and the fine-tuning; what the journal holds already is not repeated.

        Raises:
            SearchError: the search cannot start or go on.
        """
        stages = self.config.stages
        space = self.problem.space
        freezes: list[list[Freeze]] = []
        for number, count in enumerate(stages):
            self._run_stage(self._stage(number, space), count, self.config.iterations)
            if number + 1 < len(stages):
                front = self._front(range(number + 1))  # its members stay on the front whatever is frozen
                freezes.append(propose_freezes(front, space, FreezeRule(self.config.freeze_support)))
                space = apply_freezes(space, freezes[-1])
                write_json(self.folder / FREEZES, {"stages": [[one.to_dict() for one in some] for some in freezes]})
        self._refuse_a_search_without_results(at_least=0)
        searched = self._front(range(len(stages)))
        front = self._fine_tune(searched) if self.config.fine_tune_iterations else searched
        self._changed(finished=True)
        return SearchResult(front, searched, freezes, self.oracle.history)

    def _stage(self, number: int, space: SearchSpace) -> Stage:
        problem = self.problem.within(space)
        queue = [values for values in space.start if problem.feasible(values)] if number == 0 else []
        # Similarity counts all parameters, frozen ones too.
        return Stage(number, problem, tuple(queue), start_rule(self.config, number, self.problem))

    def _fine_tune(self, searched: Sequence[TrialRecord]) -> list[TrialRecord]:
        """Train each member of the front for longer, and rank the results again."""
        number = len(self.config.stages)
        queue = tuple(record.values for record in searched)
        stage = Stage(number, self.problem, queue, start_rule(self.config, number, self.problem))
        self._run_stage(stage, len(searched), self.config.fine_tune_steps)
        return self._front([number])

    def _run_stage(self, stage: Stage, count: int, iterations: int) -> None:
        """Keep the workers busy until `count` trials of the stage are finished, or nothing is left to try."""
        self.oracle.start_stage(stage)
        exhausted = False
        while True:
            records = self.oracle.trials_so_far.of_stage(stage.number)
            wanted = count - sum(record.status != "running" for record in records)
            while not exhausted and len(self._in_flight) < min(wanted, self.workers.slots):
                exhausted = not self._start_trial(stage, iterations)
            if not self._in_flight:
                return
            self._changed(finished=False)
            self._finish_trial(*self.workers.next_outcome())
            self._changed(finished=True)

    def _start_trial(self, stage: Stage, iterations: int) -> bool:
        """Start the next trial; False if the oracle has none."""
        record = self.oracle.next_trial()
        if record is None:
            return False
        parent = record.started_from
        trial = Trial(
            record.number,
            stage.number,
            iterations,
            self.folder / trial_folder(record.number),
            self._stopping_rule(record),
            self.limits_to_measure,
            None if parent is None else self.folder / trial_folder(parent),
        )
        self._in_flight[record.number] = record
        self.workers.start(record.values, trial)
        return True

    def _stopping_rule(self, record: TrialRecord) -> StoppingRule | None:
        if not self.config.early_stopping or record.stage == len(self.config.stages):
            return None
        visible = self.oracle.trials_so_far.visible(record.number, record.stage)
        iterations = self.config.iterations
        return make_rule(visible, record.values, record.number, iterations, self.problem, warm=record.warm)

    def _finish_trial(self, number: int, outcome: Outcome) -> None:
        record = self._in_flight.pop(number)
        if not isinstance(outcome, str):
            try:
                check_limits(outcome.metrics, self.limits_to_measure)
            except SearchError as error:
                outcome = str(error)
        self.oracle.finish(record, outcome)
        # A limit that few hold is no failure: the next candidate may.
        self._failed += isinstance(outcome, str) and ABOVE not in outcome
        self._refuse_a_search_without_results(at_least=HOPELESS)

    def _refuse_a_search_without_results(self, at_least: int) -> None:
        """Raise SearchError where so many trials of this run failed and none has ever worked."""
        records = self.oracle.trials_so_far.finished_trials
        if records and self._failed >= at_least and all(record.status == "infeasible" for record in records):
            self._changed(finished=True)
            raise SearchError(
                f"All {len(records)} trials failed, the last one because of {records[-1].reason or 'no stated reason'} "
                f"({self.folder / trial_folder(records[-1].number) / ERROR_FILE}); mend that, and search in another "
                "--out, since a search keeps its failures."
            )

    def _front(self, stages: Container[int]) -> list[TrialRecord]:
        records = [record for record in self.oracle.history if record.stage in stages]
        return front_of(records, self.problem)

    def _changed(self, *, finished: bool) -> None:
        """Call `on_change`, and bring `front.json` up to date when a trial has finished."""
        write = finished or not (self.folder / FRONT).exists()
        if not write and self.on_change is None:
            return
        status = summarise(self.oracle.history, self.config, self.problem, self.workers.slots)
        status = replace(status, majority_error=self._majority_error)
        if write:
            write_json(self.folder / FRONT, status.to_dict())
        if self.on_change is not None:
            self.on_change(status)
