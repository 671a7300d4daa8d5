"""Run as a script by test_search.py: search in a child, kill it at random moments, go on until it is done.

Arguments: folder, number of kills, seed. Prints the number of kills that hit a running search.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from fake_trainings import SPACE, ToyTraining, toy_macs

from tfkws.config import SearchConfig
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.search import run_search

CONFIG = SearchConfig("toy", (20, 15), 100, 300, strategy="nsga2", seed=0)


def search(folder: Path, seconds: float = 0.0) -> None:
    """Run or go on."""
    run_search(CONFIG, ToyTraining(seconds), folder, space=SPACE, known_costs={"macs": toy_macs})


def main(folder: Path, kills: int, seed: int) -> None:
    """Kill the search again and again, checking its journal each time, then let it finish."""
    draw, hit, known = random.Random(seed), 0, 0
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            search(folder, seconds=0.002)
            os._exit(0)
        time.sleep(draw.uniform(0.0, 0.08))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        hit += os.WIFSIGNALED(status)
        finished = sum(record.status != "running" for record in Journal(folder / "journal.jsonl").load())
        if finished < known:
            raise SystemExit("finished trials were lost")
        known = finished
    search(folder)
    print(hit)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
