"""The process that `tfkws.tflite.profile.on_gpu.timing` starts: loads files on a GPU and times them in turns.

`python -m tfkws.tflite.profile.on_gpu.timing_child`: the request comes as JSON on stdin; the answer goes as JSON to
a file, and what is being done to a second one, so that the parent knows which file ended the process.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.child_processes import end_with_parent
from tfkws.clock import time_runs
from tfkws.errors import TfkwsError
from tfkws.strict_json import parse_json
from tfkws.tflite.gpu.interpreter import Interpreter
from tfkws.tflite.gpu.vulkan import driver_of
from tfkws.tflite.runtime.bare import fill_inputs

FEWEST_ROUNDS = 5


def time_files(request: dict[str, Any], tell: Callable[[str], Any] = lambda doing: None) -> dict[str, Any]:
    """Load files and time runs of them that end when the GPU has finished, inputs and outputs staying there.

    Args:
        request: models (paths), precision, threads, rounds, block (runs in a row), seconds (after which no round
            begins, once there are five).
        tell: called with the number of the file that is being loaded, and with "time".

    Returns:
        refused (why a file does not load, by its number), facts of the first file, rounds_us (median of a block
        of each file that loaded, in order, for each round).

    Raises:
        TfkwsError: the first file does not load.
    """
    loaded: list[Interpreter] = []
    refused: dict[str, str] = {}
    for number, path in enumerate(request["models"]):
        tell(str(number))
        try:
            loaded.append(_loaded(Path(path), request))
        except TfkwsError as error:
            if not number:
                raise
            refused[str(number)] = str(error)
    tell("time")
    facts = loaded[0].facts()
    facts["adapter"]["driver"] = driver_of(facts["adapter"]["name"])
    return {"refused": refused, "facts": facts, "rounds_us": _rounds([each.invoke for each in loaded], request)}


def _loaded(path: Path, request: dict[str, Any]) -> Interpreter:
    made = Interpreter(path.read_bytes(), request["precision"], request["threads"], waits=True)
    fill_inputs(made)
    made.invoke()
    return made


def _rounds(runs: Sequence[Callable[[], None]], request: dict[str, Any]) -> list[list[float]]:
    """Time blocks of all in turns, so that a busy moment meets all alike; the first run of a block warms up.

    Every second round goes backwards, so that a device that warms up or slows down favours no end.
    """
    rounds: list[list[float]] = []
    end = time.monotonic() + request["seconds"]
    while len(rounds) < request["rounds"] and (len(rounds) < FEWEST_ROUNDS or time.monotonic() < end):
        step = -1 if len(rounds) % 2 else 1
        rounds.append([_block_us(run, request["block"]) for run in runs[::step]][::step])
    return rounds


def _block_us(run: Callable[[], None], runs: int) -> float:
    run()
    return float(np.median(time_runs(run, runs))) / 1e3


def main() -> None:
    """Answer one request; ends the process at once, because LiteRT's objects may not survive their destruction."""
    request = parse_json(sys.stdin.read())
    end_with_parent(request["parent"], Path(request["answer"]).parent)
    try:
        answer = time_files(request, Path(request["doing"]).write_text)
    except TfkwsError as error:
        answer = {"error": type(error).__name__, "message": str(error)}
    Path(request["answer"]).write_text(json.dumps(answer), encoding="utf-8")
    os._exit(0)


if __name__ == "__main__":
    main()
