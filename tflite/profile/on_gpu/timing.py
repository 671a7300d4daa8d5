"""Several files timed in turns on a GPU, in a child process: a driver that crashes or hangs becomes one sentence."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tfkws import errors
from tfkws.errors import BenchmarkError, TfkwsError
from tfkws.strict_json import parse_json
from tfkws.tflite.gpu.native_log import MEND, reason_in

CHILD = (sys.executable, "-m", "tfkws.tflite.profile.on_gpu.timing_child")
ROUNDS = 20  # of a block each
LOAD_SECONDS, LONGEST_SECONDS = 60.0, 600.0  # of one file; of a round's runs, at the most
_LEFT = "the driver or the accelerator ended the process when it loaded it"


@dataclass(frozen=True)
class Plan:
    """How files are timed.

    Attributes:
        runs: of each file in all.
        seconds: after which no further round begins.
    """

    precision: str = "float32"
    threads: int = 1
    runs: int = 200
    seconds: float = 60.0

    @property
    def block(self) -> int:
        """Runs in a row."""
        return max(1, self.runs // ROUNDS)

    @property
    def rounds(self) -> int:
        """How often all files take their turn."""
        return -(-self.runs // self.block)


@dataclass(frozen=True)
class Timed:
    """Times of files.

    Attributes:
        rounds_us: float (rounds, files that loaded), in order, in µs.
        refused: why others did not load, by their number (int).
        facts: what computes the first file, as `tfkws.tflite.gpu.interpreter.Interpreter.facts` says, with the driver.
    """

    rounds_us: np.ndarray
    refused: dict[int, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def column(self, number: int) -> np.ndarray | None:
        """Return the rounds of a file by its number, float (rounds,); None where it did not load."""
        if number in self.refused:
            return None
        return np.asarray(self.rounds_us[:, number - sum(other < number for other in self.refused)])


Timer = Callable[[Sequence[bytes], Plan], Timed]


def time_on_gpu(files: Sequence[bytes], plan: Plan, child: Sequence[str] = CHILD) -> Timed:
    """Time files in turns; a file whose loading ends the process is left out, and the others are timed without it.

    Args:
        files: contents; the first must load.
        child: words that start the process.

    Raises:
        RuntimeUnavailableError: there is no accelerator, driver or adapter.
        TfliteFileError: the accelerator refuses the first file.
        BenchmarkError: the process crashed or hung.
    """
    crashed: dict[int, str] = {}
    while True:
        numbers = [number for number in range(len(files)) if number not in crashed]
        answer = _ask([files[number] for number in numbers], plan, child)
        if isinstance(answer, int):
            crashed[numbers[answer]] = _LEFT
            continue
        refused = {numbers[int(place)]: str(why) for place, why in answer["refused"].items()}
        return Timed(np.array(answer["rounds_us"], float), {**crashed, **refused}, answer["facts"])


def _ask(files: Sequence[bytes], plan: Plan, child: Sequence[str]) -> dict[str, Any] | int:
    """What the child answers, or the number of the file, not the first, that ended it."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / f"{number}.tflite" for number in range(len(files))]
        for place, content in zip(places, files, strict=True):
            place.write_bytes(content)
        answer, doing = Path(folder) / "answer.json", Path(folder) / "doing"
        request = {
            "models": list(map(str, places)), "answer": str(answer), "doing": str(doing), "parent": os.getpid(),
            "precision": plan.precision, "threads": plan.threads, "rounds": plan.rounds, "block": plan.block,
            "seconds": plan.seconds,
        }  # fmt: skip
        limit = LOAD_SECONDS * len(files) + plan.seconds + LONGEST_SECONDS
        try:
            done = subprocess.run(child, input=json.dumps(request).encode(), capture_output=True, timeout=limit)
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"The GPU did not answer within {limit:.0f} s; {MEND}.") from None
        if done.returncode == 0 and answer.exists():
            return _checked(parse_json(answer.read_text(encoding="utf-8")))
        last = doing.read_text(encoding="utf-8") if doing.exists() else ""
        if last.isdecimal() and int(last):
            return int(last)
        raise _died(done.returncode, done.stderr.decode(errors="replace"))


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" not in answer:
        return answer
    kind = getattr(errors, str(answer["error"]), BenchmarkError)
    raise (kind if issubclass(kind, TfkwsError) else BenchmarkError)(str(answer["message"]))


def _died(code: int, log: str) -> BenchmarkError:
    why = reason_in(log) or f"its process ended with {code}"
    return BenchmarkError(f"The GPU stopped in the middle: {why}; {MEND}.")
