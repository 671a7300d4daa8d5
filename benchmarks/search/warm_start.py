"""What a warm start does to scores: the same candidates cold, cold with another seed, and warm, at the same iterations.

    python -m benchmarks search/warm_start DATA --networks 16 --iterations 280 [--fine-tune 1500]

A warm one begins with the weights of the most similar other candidate, as in `tfkws search --warm-start`. Two cold
seeds show what noise alone does to a ranking. With --fine-tune N each candidate is also trained for N iterations from
scratch, and for the rest of N from its own weights, which is what `--fine-tune-from` chooses between. Finished
trainings stay in --work, and the same command goes on.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.records import ARTIFACTS, say
from tfkws.config import RunConfig
from tfkws.data.protocols import get_protocol, make_task
from tfkws.features.front_ends import get_front_end
from tfkws.pipeline.search import prepare_search_run
from tfkws.run_folder import write_json
from tfkws.training.recipes import get_recipe
from tfkws.tuner.evaluate import TrainingEvaluator, Trial
from tfkws.tuner.problem.built_in_spaces import load_space
from tfkws.tuner.problem.known_costs import known_costs
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.proposal import nearest_trained
from tfkws.tuner.records.trials import TrialRecord, Values
from tfkws.tuner.strategies.candidates import random_values
from tfkws.tuner.workers.processes import ProcessWorkers

COLD, AGAIN, WARM, SCRATCH, TUNED = "cold", "cold_other_seed", "warm", "long_from_scratch", "long_from_weights"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the trainings."""
    parser.add_argument("data", type=Path, nargs="?", help="folder of recorded clips")
    parser.add_argument("--words", default=",".join(get_protocol("commands").words))
    parser.add_argument("--space", default="paper-table")
    parser.add_argument("--workers", type=int, default=2, help="trainings at a time, one thread each")
    parser.add_argument("--networks", type=int, default=16)
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--fine-tune", type=int, default=0)
    parser.add_argument("--max-macs", type=float, default=2e7)
    parser.add_argument("--recipe", default="quick")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "warm_start", help="folder of the trainings")


def measure(options: argparse.Namespace) -> None:
    """Train under every condition, and write warm_start.json."""
    if options.data is None:
        raise SystemExit("Give the folder of clips to train on, or --tables.")
    space = load_space(options.space)
    task = make_task("commands", tuple(options.words.split(",")))
    front_end = get_front_end("mfcc-40x32")
    run = prepare_search_run(options.data, task, front_end, space, get_recipe(options.recipe))
    costs = known_costs(space, run.features.input_shape, len(run.labels))
    problem = Problem(space, (TOP1_ERROR, MACS), costs, {"macs": options.max_macs})
    trainings = Trainings(run, problem, draw(problem, options.networks, seed=0), options.work, options.workers)
    settings = ("networks", "iterations", "fine_tune", "max_macs", "space", "words", "recipe")
    result = {name: getattr(options, name) for name in settings} | {"space": space.name}
    for name, found in measure_conditions(trainings, options.iterations, options.fine_tune):
        result[name] = found
        say(f"{name} {found}")
    write_json(options.out / "warm_start.json", result)


def write_tables(folder: Path) -> None:
    """Write nothing: warm_start.json is read as it is."""


def draw(problem: Problem, count: int, seed: int) -> list[Values]:
    """Draw different candidates within the limits."""
    history: list[TrialRecord] = []
    for number in range(count):
        values = random_values(history, problem, np.random.default_rng((seed, number)))
        if values is None:
            raise SystemExit(f"The space holds only {number} candidates within the limits.")
        history.append(TrialRecord(number, 0, values, "completed"))
    return [record.values for record in history]


def parents_of(candidates: Sequence[Values], problem: Problem) -> list[int]:
    """Return the position of the most similar other candidate of each."""
    records = [TrialRecord(i, 0, values, "completed") for i, values in enumerate(candidates)]
    nearest = [
        nearest_trained(records[:i] + records[i + 1 :], values, problem.space) for i, values in enumerate(candidates)
    ]
    return [parent for parent in nearest if parent is not None]


class Trainings:
    """Trains candidates under several conditions and collects the errors.

    Args:
        run: of the clips and the recipe.
        problem: of the candidates.
        candidates: to train.
        work: a folder a training, by condition.
        workers: trainings at a time, each of one thread.
    """

    def __init__(
        self, run: RunConfig, problem: Problem, candidates: Sequence[Values], work: Path, workers: int
    ) -> None:
        self.run, self.problem, self.candidates, self.work, self.workers = run, problem, candidates, work, workers

    def errors(
        self, condition: str, iterations: int, parents: Sequence[Path] | None = None, seed: int = 0
    ) -> np.ndarray:
        """Train every candidate, and return the best validation errors, float (n,), 0..1."""
        run = replace(self.run, train=replace(self.run.train, seed=seed))
        found: dict[int, float] = {}
        waiting = list(enumerate(self.candidates))[::-1]
        running = 0
        with closing(ProcessWorkers(TrainingEvaluator(run, self.problem.space), self.workers)) as workers:
            while waiting or running:
                while waiting and running < workers.slots:
                    number, values = waiting.pop()
                    parent = None if parents is None else parents[number]
                    folder = self.folder(condition, number)
                    workers.start(values, Trial(number, 0, iterations, folder, start_from=parent))
                    running += 1
                number, outcome = workers.next_outcome()
                running -= 1
                if isinstance(outcome, str):
                    raise SystemExit(f"Training {number} ({condition}) failed: {outcome}")
                found[number] = outcome.top1_error
                say(f"{condition} {number} {100 * outcome.top1_error:.1f} %")
        return np.array([found[number] for number in range(len(self.candidates))])

    def folder(self, condition: str, number: int) -> Path:
        """Return where one training is."""
        return self.work / condition / f"{number:03d}"

    def folders(self, condition: str) -> list[Path]:
        """Return where all trainings of a condition are."""
        return [self.folder(condition, number) for number in range(len(self.candidates))]


def compare(first: np.ndarray, second: np.ndarray) -> dict[str, Any]:
    """Return rank correlations of two sets of errors, and the mean difference with its 95 % interval (Student's t)."""
    difference = second - first
    half = float(stats.t.ppf(0.975, len(difference) - 1) * stats.sem(difference))
    mean = float(difference.mean())
    return {
        "spearman": float(stats.spearmanr(first, second).statistic),
        "kendall": float(stats.kendalltau(first, second).statistic),
        "mean_difference": mean,
        "interval": (mean - half, mean + half),
    }


def measure_conditions(trainings: Trainings, iterations: int, fine_tune: int) -> Iterator[tuple[str, Any]]:
    """Train under every condition; yields (name, result)."""
    cold = trainings.errors(COLD, iterations)
    again = trainings.errors(AGAIN, iterations, seed=1)
    parents = [trainings.folder(COLD, i) for i in parents_of(trainings.candidates, trainings.problem)]
    warm = trainings.errors(WARM, iterations, parents)
    yield "errors", {COLD: cold.tolist(), AGAIN: again.tolist(), WARM: warm.tolist()}
    yield "another seed against cold", compare(cold, again)
    yield "warm against cold", compare(cold, warm)
    if fine_tune:
        scratch = trainings.errors(SCRATCH, fine_tune)
        tuned = trainings.errors(TUNED, fine_tune - iterations, trainings.folders(COLD))
        yield "long errors", {SCRATCH: scratch.tolist(), TUNED: tuned.tolist()}
        yield "fine-tuned from weights against from scratch", compare(scratch, tuned)
        yield "cold against long from scratch", compare(scratch, cold)
        yield "warm against long from scratch", compare(scratch, warm)
