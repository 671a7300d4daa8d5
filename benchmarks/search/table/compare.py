"""Compare searches on the table: hypervolume against trials and against training cost, over seeds.

    python -m benchmarks search/table/compare --trials 300 --seeds 20
    python -m benchmarks search/table/compare --synthetic --trials 60 --seeds 4

The second plays on made-up accuracies in a minute; it prints its table, which is no evidence, and writes nothing.
Each game is kept in --work, and the same command goes on.

A player may get fewer seeds and trials than the others, NAME:SEEDS:TRIALS, because one suggestion of keras-tuner's
takes seconds: it fits its Gaussian process with 20 restarts and searches it with 50, one point at a time.
"""

import argparse
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import ARTIFACTS, PUBLISHED, say
from benchmarks.search.table.configurations import make_problem
from benchmarks.search.table.game import Synthetic, World, play
from benchmarks.search.table.players import PLAYERS
from benchmarks.search.table.rows import read_about, trained_rows
from benchmarks.search.table.surrogate import MODELS, open_surrogate
from tfkws.child_processes import end_with_parent
from tfkws.report.plots import BLUE, GREEN, GREY, ORANGE, RED, new_figure, save_png
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.views.table import Table

AT = (25, 50, 100, 200, 300)
CRITERION_AT = (50, 100, 300)
CRITERION_SEEDS = 20
COLOURS = dict(zip(PLAYERS, (BLUE, GREY, GREEN, ORANGE, RED), strict=True))
Games = Mapping[str, Sequence[dict[str, Any]]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the games."""
    parser.add_argument("--table", type=Path, default=PUBLISHED / "search" / "table", help="folder of the table")
    parser.add_argument("--synthetic", action="store_true", help="made-up accuracies in place of a table")
    parser.add_argument("--models", default="both", help="of the surrogate: both, trees or process")
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--players", default=",".join(PLAYERS), help="NAME[:SEEDS[:TRIALS]], separated by commas")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "search_compare", help="folder of the games")


def measure(options: argparse.Namespace) -> None:
    """Play the games that have not been played, and write compare.json and its figure where they are not made up."""
    table = "" if options.synthetic else str(options.table.resolve())
    entries = [entry(text, options.seeds, options.trials) for text in options.players.split(",")]
    games = play_all(entries, table, options)
    summary = summarise(games)
    about = {
        "accuracies": read_about(options.table)["accuracies"] if table else "SYNTHETIC, made up",
        "surrogate_models": options.models if table else None,
    }
    result = about | summary | {"overhead_of_ours": overhead(summary, table)}
    say(lay_out(result))
    if table:
        write_json(options.out / "compare.json", result)
        save_png(figure(games), options.out / "compare.png")


def write_tables(folder: Path) -> None:
    """Write compare.md beside each compare.json under `folder`. Figures need the games, which are not published."""
    for path in sorted(folder.rglob("compare.json")):
        write_text(path.with_suffix(".md"), lay_out(read_json(path)))


@dataclass(frozen=True)
class Entry:
    """One player: how many games it plays, of how many trials."""

    name: str
    seeds: int
    trials: int


def entry(text: str, seeds: int, trials: int) -> Entry:
    """Read NAME, NAME:SEEDS or NAME:SEEDS:TRIALS."""
    name, *numbers = text.split(":")
    return Entry(name, *(int(number) for number in numbers), *(seeds, trials)[len(numbers) :])


@cache
def open_world(table: str, models: str) -> World:
    """Open the surrogate of a table, or made-up accuracies where `table` is empty; once a process."""
    if not table:
        return Synthetic(make_problem(10, 1.5e8))
    return open_surrogate(Path(table), MODELS if models == "both" else (models,))


def play_once(table: str, models: str, name: str, seed: int, trials: int, path: Path) -> dict[str, Any]:
    """Play one game, or read it where it was played before."""
    if not path.exists():
        write_json(path, play(open_world(table, models), name, seed, trials).to_dict())
    return dict(read_json(path))


def play_all(entries: Sequence[Entry], table: str, options: argparse.Namespace) -> Games:
    """Play every game, seed by seed, so that an interrupted comparison is a fair part of the whole."""
    work = options.work / (f"{Path(table).name}-{options.models}" if table else "synthetic")
    os.environ["OMP_NUM_THREADS"] = "1"  # of NumPy in the processes
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.workers, context, initializer=_watch_parent) as pool:
        jobs = {
            (one.name, seed): pool.submit(play_once, table, options.models, one.name, seed, one.trials,
                                          work / f"{one.name}-{one.trials}-{seed}.json")
            for seed in range(max(one.seeds for one in entries))
            for one in entries if seed < one.seeds
        }  # fmt: skip
        return {one.name: [jobs[one.name, seed].result() for seed in range(one.seeds)] for one in entries}


def _watch_parent() -> None:
    """End this process of the pool when the comparison is killed, or its games would go on unseen."""
    end_with_parent()


def summarise(games: Games) -> dict[str, Any]:
    """Return medians and quartiles, whether ours leads, and at which cost it reaches the best rival's end."""
    medians = {name: np.median([game["hypervolume"] for game in rows], axis=0) for name, rows in games.items()}
    result: dict[str, Any] = {
        "games": {name: {"seeds": len(rows), "trials": len(medians[name])} for name, rows in games.items()},
        "quartiles": {
            name: {str(mark): quartiles(rows, mark) for mark in AT if mark <= len(medians[name])}
            for name, rows in games.items()
        },
        "median_training_macs": {name: training_macs(rows) for name, rows in games.items()},
        "stopped_early": {name: float(np.mean([game["stopped"] for game in rows])) for name, rows in games.items()},
        "ask_seconds": {name: ask_seconds(rows) for name, rows in games.items()},
    }
    rivals = [name for name in games if not name.startswith("ours")]
    if "ours" in games and rivals:
        result["criterion"] = criterion(games, medians, rivals)
    return result


def criterion(games: Games, medians: Mapping[str, np.ndarray], rivals: Sequence[str]) -> dict[str, Any]:
    """Check that ours leads at the marks, and reaches the best rival's end at half its training cost or less.

    The best rival is one of those that played to the end. No verdict, `met` is None, before everyone has played 300
    trials with 20 seeds; who played less is named.
    """
    end = len(medians["ours"])
    at = [mark for mark in CRITERION_AT if mark <= end]
    present = {mark: [name for name in rivals if len(medians[name]) >= mark] for mark in at}
    leads = {
        str(mark): bool(medians["ours"][mark - 1] > max(medians[name][mark - 1] for name in names))
        for mark, names in present.items()
    }
    best = max((name for name in rivals if len(medians[name]) == end), key=lambda name: medians[name][-1])
    reached = medians["ours"] >= medians[best][-1]
    after = int(np.argmax(reached)) if reached.any() else None
    costs = {name: np.median([game["training_macs"] for game in games[name]], axis=0) for name in ("ours", best)}
    share = None if after is None else float(costs["ours"][after] / costs[best][-1])
    played = {name: [len(rows), len(medians[name])] for name, rows in games.items()}
    less = {name: numbers for name, numbers in played.items() if numbers[0] < CRITERION_SEEDS or numbers[1] < end}
    decided = end >= CRITERION_AT[-1] and not less and all(name in games for name in PLAYERS)
    return {
        "ours_leads_at": leads,
        "against": {str(mark): names for mark, names in present.items()},
        "best_rival": best,
        "ours_reaches_its_end_after_trials": None if after is None else after + 1,
        "at_share_of_its_training_cost": share,
        "played_less": less,
        "met": all(leads.values()) and share is not None and share <= 0.5 if decided else None,
    }


def quartiles(rows: Sequence[dict[str, Any]], mark: int) -> list[float]:
    """Return lower quartile, median and upper quartile over seeds of the hypervolume, 0..1, after `mark` trials."""
    return [round(float(q), 5) for q in np.percentile([row["hypervolume"][mark - 1] for row in rows], (25, 50, 75))]


def training_macs(rows: Sequence[dict[str, Any]]) -> float:
    """Return the median over seeds of what all trainings of a search cost, MACs times iterations."""
    return float(np.median([row["training_macs"][-1] for row in rows]))


def ask_seconds(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return processor seconds of a suggestion: mean over all, and over the last 20, where the history is longest."""
    asked = np.array([row["ask_seconds"] for row in rows])
    return {"mean": round(float(asked.mean()), 4), "mean_of_last_20": round(float(asked[:, -20:].mean()), 4)}


def figure(games: Games) -> Any:
    """Draw medians with quartiles, as what is missing to the best that anyone reached."""
    drawing, axis = new_figure(6.8, 4.2)
    top = max(max(game["hypervolume"]) for rows in games.values() for game in rows)
    for name, rows in games.items():
        gaps = top - np.array([game["hypervolume"] for game in rows]) + 1e-5
        low, middle, high = np.percentile(gaps, (25, 50, 75), axis=0)
        trials = np.arange(1, len(middle) + 1)
        colour = COLOURS.get(name, "black")
        axis.plot(trials, middle, color=colour, label=name)
        axis.fill_between(trials, low, high, color=colour, alpha=0.15, linewidth=0)
    axis.set_yscale("log")
    axis.set_xlabel("trials")
    axis.set_ylabel("hypervolume missing to the best found (share)")
    axis.legend(frameon=False)
    return drawing


def lay_out(result: Mapping[str, Any]) -> str:
    """Return what compare.md holds."""
    marks = [str(mark) for mark in AT]
    rows = tuple(
        (
            name, str(result["games"][name]["seeds"]),
            *(f"{q[1]:.4f} [{q[0]:.4f}, {q[2]:.4f}]" if q else "" for q in map(found.get, marks)),
            f"{result['median_training_macs'][name] / 1e12:.1f}", f"{result['stopped_early'][name]:.0f}",
            f"{1e3 * result['ask_seconds'][name]['mean']:.0f}",
        )
        for name, found in result["quartiles"].items()
    )  # fmt: skip
    columns = (
        "strategy", "seeds", *(f"after {mark}" for mark in marks), "training, 10^12 MACs x iterations",
        "stopped early", "suggestion, ms",
    )  # fmt: skip
    note = (
        f"Accuracies: {result['accuracies']}. Median and quartiles over seeds of the hypervolume that the trained "
        "candidates dominate by their errors without noise. Training, stopped and suggestion: of a whole search."
    )
    return Table("Hypervolume against trials", columns, rows, columns[1:], note).to_markdown()


def overhead(summary: dict[str, Any], table: str) -> dict[str, float] | None:
    """Return what a suggestion of ours costs, as a share of a training of the table; None on made-up accuracies."""
    if not table or read_about(Path(table))["accuracies"] != "trained" or "ours" not in summary["ask_seconds"]:
        return None
    training = float(np.median([row.seconds for row in trained_rows(Path(table))]))
    return {"median_training_seconds": training, "share": summary["ask_seconds"]["ours"]["mean"] / training}
