"""One search in a world, trial by trial on disk: who asks, what a training shows, and how good what it trained is."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search.table.players import Player
from benchmarks.search.worlds.world import World
from tfkws.run_folder import append_jsonl
from tfkws.tuner.records.trials import TrialRecord, Values


def play(world: World, player: Player, seed: int, trials: int, journal: Path) -> None:
    """Let one player search until its journal holds so many trials.

    Each line of the journal has "values", "error" (None where the training failed), "share" (what the trained
    candidates dominate so far by their errors without noise) and "ask_seconds" (processor time of the suggestion). A
    player is told of the trials that are there already, and asked for the rest.
    """
    lines = read_game(journal)
    points = list[np.ndarray]()
    for number in range(trials):
        known = number < len(lines)
        start = time.process_time()
        values = lines[number]["values"] if known else player.ask()
        seconds = round(time.process_time() - start, 4)
        record = train(world, values, number, seed)
        if record.status == "completed":
            points.append(world.point(values))
        if known:
            player.recall(record)
            continue
        player.tell(record)
        share = round(world.share(points), 6)
        error = record.metrics.get("top1_error")
        append_jsonl(journal, {"values": values, "error": error, "share": share, "ask_seconds": seconds})


def train(world: World, values: Values, number: int, seed: int) -> TrialRecord:
    """Return what a training shows; its noise goes by the seed and the number of the trial."""
    error = world.train(values, np.random.default_rng((seed, number, 1)))
    if error is None:
        return TrialRecord(number, 0, values, "infeasible", reason="it failed")
    return TrialRecord(
        number, 0, values, "completed", {"top1_error": error, "macs": world.problem.cost("macs", values)}
    )


def read_game(journal: Path) -> list[dict[str, Any]]:
    """Read the trials of a journal, without a last line that was cut short."""
    lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
    return [json.loads(line) for line in lines]
