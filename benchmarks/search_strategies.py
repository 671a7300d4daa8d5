"""Compare the search strategies: hypervolume of true errors against trials, over seeds.

    python benchmarks/search_strategies.py --trials 100 --seeds 20 --out artifacts/published/search/strategies.json

The accuracies are SYNTHETIC (benchmarks/synthetic_accuracy.py); results carry that word. A surrogate of real trainings
takes their place by handing `compare` another `train`.
"""

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from synthetic_accuracy import CLIPS, curve, true_error

from tfkws.run_folder import write_json
from tfkws.tuner.costs import known_costs
from tfkws.tuner.early_stopping import make_rule
from tfkws.tuner.front import bounds
from tfkws.tuner.hypervolume import hypervolume
from tfkws.tuner.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem import Problem
from tfkws.tuner.spaces import SPACES
from tfkws.tuner.suggest import STRATEGIES
from tfkws.tuner.trials import TrialRecord, Values, binomial_standard_error

ITERATIONS = 2_000
INPUT_SHAPE, CLASSES = (40, 32, 1), 10
AT = (25, 50, 100, 200, 300)


def problem() -> Problem:
    """The paper-table space under TOP-1 error and MACs."""
    space = SPACES["paper-table"]
    return Problem(space, (TOP1_ERROR, MACS), known_costs(space, INPUT_SHAPE, CLASSES))


def train(values: Values, number: int, seed: int, rule: Any, macs: float) -> TrialRecord:
    """Pretend to train a candidate, with early stopping if there is a rule; iterations count what was spent."""
    points = curve(values, np.random.default_rng((seed, number, 1)), ITERATIONS)  # type: ignore[arg-type]
    stop = next((i for i in range(1, len(points)) if rule and rule.verdict(tuple(points[:i]), CLIPS).stop), None)
    seen = tuple(points[:stop] if stop else points)
    error = min(e for _, e in seen)
    metrics = {
        "top1_error": error,
        "standard_error": binomial_standard_error(error, CLIPS),
        "macs": macs,
        "iterations": seen[-1][0],
    }
    if stop:
        metrics["predicted_error"] = rule.verdict(seen, CLIPS).expected_error
    return TrialRecord(number, 0, values, "stopped" if stop else "completed", metrics, seen)


def play(name: str, seed: int, trials: int) -> dict[str, list[float]]:
    """One search: hypervolume share of the true front, and iterations trained, after each trial."""
    task, history = problem(), list[TrialRecord]()
    ideal, reference = bounds(task, [])
    volumes, spent = [], []
    for number in range(trials):
        values = STRATEGIES[name](history, task, np.random.default_rng((seed, number)))
        if values is None:
            raise SystemExit(f"{name} found nothing to try after {number} trials")
        early = name == "ours"  # early stopping is part of ours; the rivals have none for two objectives
        known = task.known_costs
        rule = make_rule(history, values, number, ITERATIONS, task.objectives, known) if early else None
        history.append(train(values, number, seed, rule, known["macs"](values)))
        losses = [[true_error(r.values), MACS.to_loss(r.metrics["macs"])] for r in history if r.status == "completed"]  # type: ignore[arg-type]
        volumes.append(hypervolume((np.array(losses) - ideal) / (reference - ideal), np.ones(2)))
        spent.append(float(sum(r.metrics["iterations"] * r.metrics["macs"] for r in history)))
    return {"hypervolume": volumes, "training_macs": spent}


def summarise(runs: dict[str, list[dict[str, list[float]]]], trials: int) -> dict[str, Any]:
    """Medians and quartiles at the marked numbers of trials, and when ours reaches the best rival's end."""
    marks = [mark for mark in AT if mark <= trials]
    table = {name: {str(mark): _quartiles(rows, mark) for mark in marks} for name, rows in runs.items()}
    rivals = {name: np.median([r["hypervolume"][-1] for r in rows]) for name, rows in runs.items() if name != "ours"}
    if "ours" not in runs or not rivals:
        return {"quartiles": table}
    best = max(rivals, key=lambda name: rivals[name])
    curve_ours = np.median([r["hypervolume"] for r in runs["ours"]], axis=0)
    reached = int(np.argmax(curve_ours >= rivals[best])) if (curve_ours >= rivals[best]).any() else None
    cost = np.median([r["training_macs"] for r in runs["ours"]], axis=0)
    share = None if reached is None else float(cost[reached] / np.median([r["training_macs"][-1] for r in runs[best]]))
    return {
        "quartiles": table,
        "best_rival": best,
        "ours_reaches_it_after_trials": None if reached is None else reached + 1,
        "ours_reaches_it_at_share_of_its_training_cost": share,
    }


def _quartiles(rows: list[dict[str, list[float]]], mark: int) -> list[float]:
    return [round(float(q), 4) for q in np.percentile([row["hypervolume"][mark - 1] for row in rows], (25, 50, 75))]


def compare(names: list[str], trials: int, seeds: int, workers: int, one: Callable[..., Any] = play) -> dict[str, Any]:
    """Run every strategy with every seed."""
    with ProcessPoolExecutor(workers) as pool:
        jobs = {name: [pool.submit(one, name, seed, trials) for seed in range(seeds)] for name in names}
        return {name: [job.result() for job in rows] for name, rows in jobs.items()}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--strategies", default=",".join(STRATEGIES))
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    start = time.monotonic()
    runs = compare(options.strategies.split(","), options.trials, options.seeds, options.workers)
    result = {
        "accuracies": "synthetic, see benchmarks/synthetic_accuracy.py",
        "space": "paper-table",
        "trials": options.trials,
        "seeds": options.seeds,
        "seconds": round(time.monotonic() - start, 1),
        **summarise(runs, options.trials),
    }
    for name, rows in result["quartiles"].items():
        print(f"{name:8}", *(f"{mark}: {q[1]:.4f} [{q[0]:.4f}, {q[2]:.4f}]" for mark, q in rows.items()))
    print({key: value for key, value in result.items() if key not in ("quartiles",)})
    if options.out:
        write_json(options.out, result)


if __name__ == "__main__":
    main()
