"""What early stopping saves and costs: searches of which whole learning curves are recorded, replayed under rules.

    python -m benchmarks search/stopping [--orders 20]

A replay goes through the trials in an order, as recorded and in random ones, and cuts each where the rule ends it. The
rule sees what it would have seen: the trials before, but for the last three, as far as they came. Trials that were
stopped when they were recorded are left out, since their end is not known. Candidates come as they were recorded,
whatever the rule, so what a search would have suggested otherwise is not in these numbers.
"""

import argparse
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import PUBLISHED, say
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.tuner.early_stopping import NEVER_STOPPED, NOISE, error_at, make_rule
from tfkws.tuner.fronts.front import front_of, hypervolume_history
from tfkws.tuner.fronts.pareto import nondomination_rank
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import SearchSpace, integer_param
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import Curve, TrialRecord, binomial_standard_error, completed
from tfkws.views.table import Table

LOOKAHEAD = 3
RECORD = "stopping.json"
HIDDEN_FALL = 2.5  # standard deviations that the earlier rule granted

Stops = Callable[[Sequence[TrialRecord], TrialRecord, Curve, Problem], bool]
"""Whether a rule ends a training, from (the trials before, the trial, its curve so far, problem)."""


@dataclass(frozen=True)
class Recorded:
    """Trials with whole curves, all equally long.

    Attributes:
        name: of the search, and what is of interest there.
        trials: completed, in the order of their suggestion.
        max_error: 0..1, largest of interest; None for no such limit.
    """

    name: str
    trials: tuple[TrialRecord, ...]
    max_error: float | None

    def at_looks(self, looks: Sequence[int]) -> "Recorded":
        """Return the trials with these of their validations only, counted from 1."""
        thinned = [replace(r, curve=tuple(r.curve[look - 1] for look in looks)) for r in self.trials]
        return replace(self, trials=tuple(thinned))

    @property
    def problem(self) -> Problem:
        """Error and MACs, between the smallest and the largest network of the trials."""
        costs = [int(trial.metrics["macs"]) for trial in self.trials]
        space = SearchSpace(self.name, "", (integer_param("macs", min(costs), max(costs), max(costs) - min(costs)),))
        known = {"macs": lambda values: float(values["macs"])}
        return Problem(space, (TOP1_ERROR, MACS), known, worst=self.max_error)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the option of the replay."""
    parser.add_argument("--orders", type=int, default=20, help="random orders besides the recorded one")


def measure(options: argparse.Namespace) -> None:
    """Replay every recorded search under every rule, and write stopping.json."""
    results: list[dict[str, Any]] = []
    for recorded in recorded_searches():
        for name, (stops, looks) in RULES.items():
            seen = recorded.at_looks(looks)
            results.append(
                {
                    "search": recorded.name,
                    "trials": len(recorded.trials),
                    "front": len(front_of(recorded.trials, recorded.problem)),
                    "looks": len(looks),
                    "rule": name,
                    "replays": [replay(seen, stops, order) for order in orders(seen, options.orders)],
                }
            )
            say(str(row_of(results[-1])))
    write_json(options.out / RECORD, results)


def write_tables(folder: Path) -> None:
    """Write stopping.md from stopping.json."""
    rows = tuple(row_of(result) for result in read_json(folder / RECORD))
    table = Table("Recorded searches replayed", COLUMNS, rows, COLUMNS[3:], note=" ".join(NOTE.split()))
    write_text(folder / "stopping.md", table.to_markdown())


COLUMNS = ("search", "trials", "rule", "looks", "stopped", "iterations saved", "front lost", "of", "kept", "least kept")
NOTE = """Means over the recorded order and random ones. Looks: validations of a training, the last at its end.
Stopped: trials. Front lost: members of the front of all trials that the rule ended, of so many. Kept: share of the
hypervolume of all trials; least: in the worst order. Rules: see `benchmarks/search/stopping.py`; the one of `tfkws
search` is "this rule", in a new search at half."""


def row_of(result: dict[str, Any]) -> tuple[str, ...]:
    """Return one line of the table."""
    mean = {key: float(np.mean([one[key] for one in result["replays"]])) for key in result["replays"][0]}
    least = min(one["hypervolume"] for one in result["replays"])
    return (
        result["search"],
        str(result["trials"]),
        result["rule"],
        str(result["looks"]),
        f"{mean['stopped']:.1f}",
        f"{100 * mean['saved']:.1f} %",
        f"{mean['lost']:.2f}",
        str(result["front"]),
        f"{100 * mean['hypervolume']:.2f} %",
        f"{100 * least:.2f} %",
    )


def recorded_searches() -> Iterator[Recorded]:
    """Yield what artifacts/published/search holds of whole curves."""
    folder = PUBLISHED / "search"
    table = tuple(table_trials(folder / "table" / "table.jsonl"))
    yield Recorded("table of paper B's networks", table, None)
    yield Recorded("the same, errors up to 50 %", table, 0.5)
    for name, max_error in (("matchboxnet", 0.25), ("paper-joint", 0.35)):
        records = [r for r in Journal(folder / name / "journal.jsonl").load() if r.stage < 2]
        whole = tuple(sorted(completed(records), key=lambda record: record.number))
        trials = tuple(replace(r, number=n, values={"macs": r.metrics["macs"]}) for n, r in enumerate(whole))
        yield Recorded(f"{name}, errors up to {100 * max_error:.0f} %", trials, max_error)


def table_trials(path: Path) -> Iterator[TrialRecord]:
    """Yield the first training of each configuration of the tabular benchmark."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    whole = [row for row in rows if row["seed"] == 0 and row["curve"]]
    for number, row in enumerate(whole):
        error = binomial_standard_error(row["top1_error"], row["clips"])
        metrics = {name: row[name] for name in ("top1_error", "macs", "clips")} | {"standard_error": error}
        points = tuple((int(iteration), float(lowest)) for iteration, lowest in row["curve"])
        yield TrialRecord(number, 0, {"macs": row["macs"]}, "completed", metrics, points)


def orders(recorded: Recorded, count: int) -> list[np.ndarray]:
    """Return the recorded order of the trials, and `count` random ones."""
    size = len(recorded.trials)
    return [np.arange(size), *(np.random.default_rng(seed).permutation(size) for seed in range(count))]


def replay(recorded: Recorded, stops: Stops, order: np.ndarray) -> dict[str, float]:
    """Replay one order.

    Returns:
        "stopped": trials; "saved": share of the iterations; "lost": members of the front of all; "hypervolume": share
        of that of all trials that is left.
    """
    problem = recorded.problem
    seen: list[TrialRecord] = []
    for number, place in enumerate(order):
        trial = replace(recorded.trials[place], number=number)
        seen.append(cut(trial, seen[: max(0, number - LOOKAHEAD)], stops, problem))
    total = recorded.trials[0].curve[-1][0]
    whole = completed(seen)
    front = {recorded_key(record) for record in front_of(recorded.trials, problem)}
    kept = {recorded_key(record) for record in whole}
    volume = hypervolume_history(recorded.trials, problem)[-1]
    return {
        "stopped": len(seen) - len(whole),
        "saved": 1 - sum(record.curve[-1][0] for record in seen) / (total * len(seen)),
        "lost": len(front - kept),
        "hypervolume": hypervolume_history(whole, problem)[-1] / volume,
    }


def recorded_key(record: TrialRecord) -> tuple[float, float]:
    """Return what identifies a trial in every order."""
    return record.metrics["macs"], record.metrics["top1_error"]


def cut(trial: TrialRecord, before: Sequence[TrialRecord], stops: Stops, problem: Problem) -> TrialRecord:
    """Return the trial as far as a rule lets it come; the last look is its end."""
    for looks in range(1, len(trial.curve)):
        if stops(before, trial, trial.curve[:looks], problem):
            return replace(trial, status="stopped", curve=trial.curve[:looks])
    return trial


def by_this_rule(before: Sequence[TrialRecord], trial: TrialRecord, curve: Curve, problem: Problem) -> bool:
    """Ask the rule of `tfkws search`."""
    rule = make_rule(before, trial.values, trial.number, trial.curve[-1][0], problem)
    return rule is not None and rule.verdict(curve, int(trial.metrics["clips"])).stop


def by_the_earlier_rule(before: Sequence[TrialRecord], trial: TrialRecord, curve: Curve, problem: Problem) -> bool:
    """Grant a trial the largest fall seen from here to the end, as `tfkws search` did at first."""
    total, (iteration, error) = trial.curve[-1][0], lowest(curve)
    rule = make_rule(before, trial.values, trial.number, total, problem)
    if rule is None or iteration < 0.2 * total:
        return False
    falls = np.log([max(error_at(c, total), 1e-4) / max(error_at(c, iteration), 1e-4) for c in rule.curves])
    spread = max(float(falls.std(ddof=1)), float(falls.mean() - falls.min()) / HIDDEN_FALL)
    hopeful = max(error - NOISE * binomial_standard_error(error, int(trial.metrics["clips"])), 0.0)
    end = hopeful * math.exp(float(falls.mean()) - HIDDEN_FALL * spread)
    return end > rule.rival.error + NOISE * rule.rival.standard_error


def halving(share: float) -> Stops:
    """Return asynchronous successive halving on fronts, with rungs after the first and the second of six looks.

    A trial goes on from a rung if its front there, of error so far and MACs, begins among the best `share` of all that
    have come so far. Source: Li et al., "A system for massively parallel hyperparameter tuning", 2020; sorted by
    fronts as by Deb et al. 2002.
    """

    def stops(before: Sequence[TrialRecord], trial: TrialRecord, curve: Curve, problem: Problem) -> bool:
        if len(curve) > 2 or trial.number % NEVER_STOPPED == 0:
            return False
        there = [record for record in before if len(record.curve) >= len(curve)]
        errors = [lowest(record.curve[: len(curve)])[1] for record in there]
        costs = [record.metrics["macs"] for record in there]
        points = np.array([[*errors, lowest(curve)[1]], np.log([*costs, trial.metrics["macs"]])]).T
        ranks = nondomination_rank(points)
        return len(there) >= 3 and float(np.mean(ranks < ranks[-1])) >= share

    return stops


def lowest(curve: Curve) -> tuple[int, float]:
    """Return (last iteration, lowest error 0..1) of a curve."""
    return curve[-1][0], min(error for _, error in curve)


ALL = (1, 2, 3, 4, 5, 6)  # of six equal parts of a training
RULES: dict[str, tuple[Stops, tuple[int, ...]]] = {
    "earlier rule": (by_the_earlier_rule, ALL),
    "this rule": (by_this_rule, ALL),
    "this rule, at thirds": (by_this_rule, (2, 4, 6)),
    "this rule, at half": (by_this_rule, (3, 6)),
    "halving, best third": (halving(1 / 3), ALL),
    "halving, best half": (halving(1 / 2), ALL),
    "halving, best three quarters": (halving(3 / 4), ALL),
}
