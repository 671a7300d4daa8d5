"""Train configurations of the paper-table space at one small, fixed budget, for comparing searches on them.

    python -m benchmarks search/table DATA --count 200 --iterations 700

Two trainings at a time, each in a process of its own with one thread. Every finished training is one line of
table.jsonl; interrupted, the same command goes on. With --dry-run it says what it would train. With --synthetic nothing
is trained: errors come from synthetic_accuracy.py, and about.json says so.
"""

import argparse
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import ARTIFACTS, say
from benchmarks.search.table.compare import write_tables as write_comparisons
from benchmarks.search.table.configurations import Drawn, draw_configurations, make_problem
from benchmarks.search.table.held_out import write_held_out
from benchmarks.search.table.rows import Row, add, claim, read_rows
from benchmarks.search.table.synthetic_accuracy import CLIPS, curve
from tfkws.config import RunConfig
from tfkws.data.protocols import get_protocol, make_task
from tfkws.tuner.evaluate import TrainingEvaluator, Trial
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import Measurement, Values
from tfkws.tuner.workers.outcome import Outcome
from tfkws.tuner.workers.processes import ProcessWorkers

AT_A_TIME = 2


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the trainings."""
    parser.add_argument("data", type=Path, nargs="?", help="folder of recorded clips")
    parser.add_argument("--words", default=",".join(get_protocol("commands").words))
    parser.add_argument("--recipe", default="quick")
    parser.add_argument("--count", type=int, default=200, help="configurations")
    parser.add_argument("--iterations", type=int, default=700)
    parser.add_argument("--repeats", type=int, default=12, help="configurations trained with further seeds")
    parser.add_argument("--seeds", type=int, default=4, help="seeds of those")
    parser.add_argument("--max-macs", type=float, default=1.5e8, help="half of the seed's; paper B's front lies below")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "search_table", help="folder of the trainings")
    parser.add_argument("--synthetic", action="store_true", help="make errors up; for trying the programs")
    parser.add_argument("--dry-run", action="store_true", help="say what would be trained, and stop")


def measure(options: argparse.Namespace) -> None:
    """Train what the table lacks.

    Raises:
        SystemExit: no clips are given, the folder holds a table of other settings, or it was a dry run.
    """
    problem = make_problem(len(options.words.split(",")) + 2, options.max_macs)
    jobs = list_jobs(draw_configurations(problem, options.count, seed=0), options.repeats, options.seeds)
    say(describe(jobs, problem, options.iterations))
    if options.dry_run:
        raise SystemExit
    if not options.synthetic and options.data is None:
        raise SystemExit("Give the folder of clips to train on, or --tables.")
    run = None if options.synthetic else prepare(options.data, options.words, options.recipe, problem.space)
    claim(options.out, about(options, run, problem))
    known = {(row.number, row.seed) for row in read_rows(options.out)}
    left = [job for job in jobs if (job.number, job.seed) not in known]
    if run is None:
        pretend_all(problem, left, options.iterations, options.out)
    else:
        train_all(run, problem, left, options.iterations, options.out, options.work)


def about(options: argparse.Namespace, run: RunConfig | None, problem: Problem) -> dict[str, Any]:
    """Return everything that determines the table; `run` is None where accuracies are made up."""
    settings = ("words", "recipe", "count", "iterations", "repeats", "seeds", "max_macs")
    return {
        "accuracies": "SYNTHETIC, made up" if run is None else "trained",
        **{name: getattr(options, name) for name in settings},
        "space": problem.space.name,
        "run": None if run is None else replace(run, data_dir="").to_dict(),
    }


def write_tables(folder: Path) -> None:
    """Write how well the surrogate of the table predicts, and every comparison on it."""
    write_held_out(folder)
    write_comparisons(folder)


@dataclass(frozen=True)
class Job:
    """One training: which configuration, how it was drawn, and the seed."""

    number: int
    sort: str
    values: Values
    seed: int


@dataclass(frozen=True)
class SeededTraining:
    """A `TrainingEvaluator` that takes the seed of the training with the values."""

    run: RunConfig
    space: SearchSpace

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Train without the seed in the values."""
        rest = {name: value for name, value in values.items() if name != "seed"}
        run = replace(self.run, train=replace(self.run.train, seed=int(values["seed"])))
        return TrainingEvaluator(run, self.space)(rest, trial)


def list_jobs(drawn: Sequence[Drawn], repeats: int, seeds: int) -> list[Job]:
    """List each configuration once; after that the first `repeats` with further seeds, which tell the noise."""
    first = [Job(number, *row, 0) for number, row in enumerate(drawn)]
    return first + [replace(job, seed=seed) for job in first[:repeats] for seed in range(1, seeds)]


def train_all(run: RunConfig, problem: Problem, left: Sequence[Job], iterations: int, out: Path, work: Path) -> None:
    """Train what is left, and add each result to the table."""
    workers, start = ProcessWorkers(SeededTraining(run, problem.space), AT_A_TIME), time.monotonic()
    running: dict[int, Job] = {}
    waiting = list(enumerate(left))[::-1]
    try:
        while waiting or running:
            while waiting and len(running) < AT_A_TIME:
                key, job = waiting.pop()
                running[key] = job
                folder = work / f"{job.number:04d}-{job.seed}"
                workers.start({**job.values, "seed": job.seed}, Trial(key, 0, iterations, folder))
            key, outcome = workers.next_outcome()
            job = running.pop(key)
            row = row_of(job, outcome, problem)
            add(out, row)
            shutil.rmtree(work / f"{job.number:04d}-{job.seed}", ignore_errors=True)
            done = len(left) - len(waiting) - len(running)
            hours = (time.monotonic() - start) / done * (len(left) - done) / 3600
            say(f"{done} of {len(left)}, about {hours:.1f} h left: {told(row)}")
    finally:
        workers.close()


def row_of(job: Job, outcome: Outcome, problem: Problem) -> Row:
    """Return the line of one training."""
    costs = {name: int(cost(job.values)) for name, cost in problem.known_costs.items()}
    row = Row(job.number, job.sort, dict(job.values), job.seed, **costs)  # type: ignore[arg-type]
    if isinstance(outcome, str):
        return replace(row, reason=outcome)
    curve = [(iteration, round(error, 6)) for iteration, error in outcome.curve]
    return replace(
        row, top1_error=round(outcome.top1_error, 6), clips=outcome.clips, seconds=outcome.seconds, curve=curve
    )  # fmt: skip


def told(row: Row) -> str:
    """Describe one training in a line."""
    result = row.reason or f"{100 * row.top1_error:.1f} % in {row.seconds:.0f} s"
    return f"configuration {row.number}, {row.macs / 1e6:.1f} M MACs, seed {row.seed}: {result}"


def pretend_all(problem: Problem, left: Sequence[Job], iterations: int, out: Path) -> None:
    """Fill a table with made-up errors."""
    for job in left:
        points = curve(job.values, np.random.default_rng((job.number, job.seed)), iterations)  # type: ignore[arg-type]
        error = min(error for _, error in points)
        made = Measurement(error, CLIPS, 0, 0, 0.0, iterations, tuple(points))
        add(out, row_of(job, made, problem))


def describe(jobs: Sequence[Job], problem: Problem, iterations: int) -> str:
    """Say what a table will cost."""
    macs = np.array([problem.known_costs["macs"](job.values) for job in jobs])
    low, middle, high = np.percentile(macs, (0, 50, 100)) / 1e6
    work = 3 * 100 * iterations * macs.sum() / 1e15  # forward and backward, batches of 100
    return (
        f"{len(jobs)} trainings, {low:.2f} to {high:.1f} M MACs (median {middle:.1f}), {work:.2f} * 10^15 MACs in all"
    )


def prepare(data: Path, words: str, recipe: str, space: SearchSpace) -> RunConfig:
    """Return what every training shares."""
    from tfkws.features.front_ends import get_front_end
    from tfkws.pipeline.search import prepare_search_run
    from tfkws.training.recipes import get_recipe

    task = make_task("commands", tuple(words.split(",")))
    return prepare_search_run(data, task, get_front_end("mfcc-40x32"), space, get_recipe(recipe))
