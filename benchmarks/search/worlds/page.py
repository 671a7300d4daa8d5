"""Compare samplers in made-up worlds: hypervolume after 25, 50, 100 and 200 trials.

    python -m benchmarks search/worlds --players ours,optuna-nsga2,optuna-tpe,optuna-gp:20:50

Three families of worlds, one instance a seed; every player meets the same instances. Each trial is kept in --work, and
the same command goes on; with more trials, games are played on. A player may get fewer seeds and trials than the
others, NAME:SEEDS:TRIALS. optuna-gp is Optuna's GPSampler, which needs PyTorch and takes about a second a suggestion.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.records import ARTIFACTS, say
from benchmarks.search.table.compare import Entry, entry
from benchmarks.search.table.players import SAMPLERS, Player, make_player
from benchmarks.search.worlds.ablation import PREFIX, Ablated
from benchmarks.search.worlds.bottleneck import make_bottleneck
from benchmarks.search.worlds.forest import make_forest
from benchmarks.search.worlds.game import play, read_game
from benchmarks.search.worlds.layered import make_layered
from benchmarks.search.worlds.tables import MARKS, write_comparison
from benchmarks.search.worlds.world import World
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.fronts.front import bounds
from tfkws.tuner.problem.problem import Problem

FAMILIES: dict[str, Callable[[int], World]] = {
    "forest": make_forest,
    "layered": make_layered,
    "bottleneck": make_bottleneck,
}
PLAYERS = "ours,optuna-gp,optuna-tpe,optuna-nsga2,keras-tuner-bayesian"
RECORD = "games.json"
ANEW = ("optuna-nsga2", "keras-tuner-bayesian")  # these cannot go on with a game, so they begin it again


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the games."""
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0, help="those from 1000 were used to develop ours")
    parser.add_argument("--players", default=PLAYERS, help="NAME[:SEEDS[:TRIALS]], separated by commas")
    parser.add_argument("--work", type=Path, default=ARTIFACTS / "search_worlds", help="folder of the games")
    parser.add_argument("--collect", action="store_true", help="play nothing; publish what has been played")


def measure(options: argparse.Namespace) -> None:
    """Play what has not been played, seed by seed, and write the record of all games."""
    entries = [entry(text, options.seeds, options.trials) for text in options.players.split(",")]
    first = options.first_seed
    if not options.collect:
        for seed in range(first, first + max(one.seeds for one in entries)):
            for one in entries:
                if seed < first + one.seeds:
                    play_seed(one, seed, options.work)
    seeds = range(first, first + options.seeds)
    write_json(options.out / RECORD, record([one.name for one in entries], seeds, options.work))


def write_tables(folder: Path) -> None:
    """Write the tables of every record under `folder`."""
    for path in sorted(folder.rglob(RECORD)):
        write_comparison(path.parent, read_json(path))


def play_seed(one: Entry, seed: int, work: Path) -> None:
    """Play one instance of each family."""
    for family, make in FAMILIES.items():
        journal = journal_of(work, family, one.name, seed)
        known = len(read_game(journal))
        if known >= one.trials:
            continue
        if known and one.name in ANEW:
            journal.unlink()
        world = make(seed)
        # A sampler of Optuna's that goes on is a new one: with its old seed it would draw the same again.
        own_seed = seed + 1_000 * known if one.name in SAMPLERS else seed
        play(world, player_of(one.name, world.problem, own_seed), seed, one.trials, journal)
        say(f"{journal.stem}: {read_game(journal)[-1]['share']:.3f} after {one.trials}")


def player_of(name: str, problem: Problem, seed: int) -> Player:
    """Return a player by name, or ours with a part taken away."""
    if name.startswith(PREFIX):
        return Ablated(name.removeprefix(PREFIX), problem, seed)
    return make_player(name, problem, seed, *bounds(problem, []))


def record(players: list[str], seeds: range, work: Path) -> dict[str, Any]:
    """Return what is published of the games: hypervolumes at the marks, and the processor time of a suggestion."""
    games: dict[str, Any] = {}
    for family in FAMILIES:
        games[family] = {name: {} for name in players}
        for name in players:
            for seed in seeds:
                if lines := read_game(journal_of(work, family, name, seed)):
                    games[family][name][str(seed)] = {
                        "shares": {str(mark): lines[mark - 1]["share"] for mark in MARKS if mark <= len(lines)},
                        "ask_seconds": round(float(np.mean([line["ask_seconds"] for line in lines])), 4),
                    }
    return {"games": games}


def journal_of(work: Path, family: str, player: str, seed: int) -> Path:
    """Return where a game is kept."""
    return work / f"{family}-{player}-{seed}.jsonl"
