"""Trainings that take no time; importable by name, so that worker processes can unpickle them."""

import math
import os
import signal
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfkws.run_folder import append_jsonl
from tfkws.tuner.evaluate import Evaluate, Trial, check_limits
from tfkws.tuner.problem.space import SearchSpace, integer_param
from tfkws.tuner.records.trials import Measurement, Values

SPACE = SearchSpace(
    "toy",
    "seed_cnn",
    (integer_param("width", 1, 20), integer_param("depth", 1, 20), integer_param("kernel", 1, 5, 2)),
    {"convs": "{kernel}x{kernel},{width} {kernel}x{kernel},{depth}"},
)
CLIPS = 1_000
EPOCHS = "epochs.jsonl"


def toy_macs(values: Values) -> float:
    """A cost that grows with every parameter."""
    return float(values["width"]) * float(values["depth"]) * float(values["kernel"]) ** 2 * 1_000


def toy_error(values: Values) -> float:
    """Falls with width and depth, lowest at kernel 3."""
    capacity = math.log(float(values["width"]) * float(values["depth"]))
    return 0.05 + 0.8 * math.exp(-0.5 * capacity) + 0.05 * (values["kernel"] != 3)


@dataclass(frozen=True)
class ToyTraining:
    """Returns `toy_error` with noise keyed by the trial's number.

    Attributes:
        seconds, seconds_per_iteration: how long it pretends to train.
        crash, die: numbers of trials that raise, and whose process is killed.
        ended: whose process is asked to end.
    """

    seconds: float = 0.0
    crash: tuple[int, ...] = ()
    die: tuple[int, ...] = ()
    seconds_per_iteration: float = 0.0
    ended: tuple[int, ...] = ()

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Pretend to train."""
        if trial.number in self.crash:
            raise ValueError(f"trial {trial.number} was told to fail")
        if trial.number in self.die:
            os.kill(os.getpid(), signal.SIGKILL)
        if trial.number in self.ended:
            os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self.seconds + self.seconds_per_iteration * trial.iterations)
        rng = np.random.default_rng((trial.number, trial.iterations))
        error = rng.binomial(CLIPS, toy_error(values) * (100 / trial.iterations) ** 0.1) / CLIPS
        curve: Any = tuple((trial.iterations * i // 5, error * (1 + 0.2 * (5 - i))) for i in range(1, 6))
        return Measurement(error, CLIPS, int(toy_macs(values)), 10, 0.5, trial.iterations, curve)


@dataclass(frozen=True)
class ToyOnDevice:
    """A `ToyTraining` that also measures: 10 µs and 1 µs for each 10,000 MACs, and it keeps a file a measurement.

    Attributes:
        training: what is evaluated.
        early: whether a candidate above a limit is given up before it is trained, as `TrainingEvaluator` does.
    """

    training: ToyTraining = ToyTraining()
    early: bool = True

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Measure, then pretend to train."""
        latency_us = toy_latency_us(values)
        device = {"latency_us": latency_us, "latency_low_us": 0.9 * latency_us, "latency_high_us": 1.1 * latency_us}
        if self.early:
            check_limits(device, trial.limits)
        return replace(self.training(values, trial), device=device)


def toy_latency_us(values: Values) -> float:
    """Latency that does not follow MACs alone: each row of the kernel costs extra."""
    return 10 + toy_macs(values) / 10_000 + 20 * float(values["kernel"])


@dataclass(frozen=True)
class InTurn:
    """Lets trial n finish only when the search has recorded trial n - 1, so that results arrive in order."""

    training: Evaluate

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Evaluate, then wait for the turn."""
        measurement = self.training(values, trial)
        journal = trial.folder.parents[1] / "journal.jsonl"
        while journal.read_text().count('"event": "finished"') < trial.number:
            time.sleep(0.02)
        return measurement


@dataclass(frozen=True)
class ToyEpochs:
    """A `ToyTraining` of some epochs; `epochs.jsonl` says of each where it ran, and a killed one goes on from there.

    Attributes:
        training: what is evaluated at the end.
        seconds: of each epoch.
        epochs: how many.
    """

    training: ToyTraining = ToyTraining()
    seconds: float = 0.1
    epochs: int = 4

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Pretend to train."""
        history = trial.folder / EPOCHS
        done = len(history.read_text().splitlines()) if history.exists() else 0
        for epoch in range(done, self.epochs):
            time.sleep(self.seconds)
            where = {name: os.environ.get(name, "") for name in ("NODE_NAME", "OMP_NUM_THREADS", "TF_TEST")}
            append_jsonl(history, {"epoch": epoch, "process": os.getpid(), **where})
        return self.training(values, trial)


@dataclass(frozen=True)
class Tally:
    """Counts the trials of its process in `macs`, tells the process in `param_count`, and takes memory to keep.

    Attributes:
        training: what is evaluated at first, so that it may fail or die.
        mib: of memory that each trial leaves behind.
        die_late, fail_late: numbers of trials whose process is killed, or that raise, unless they are its first.
    """

    training: ToyTraining = ToyTraining()
    mib: int = 0
    die_late: tuple[int, ...] = ()
    fail_late: tuple[int, ...] = ()

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Evaluate and count."""
        _LEFT_BEHIND.append(b"x" * (self.mib << 20))
        if len(_LEFT_BEHIND) > 1 and trial.number in self.die_late:
            os.kill(os.getpid(), signal.SIGKILL)
        if len(_LEFT_BEHIND) > 1 and trial.number in self.fail_late:
            raise MemoryError("what others left behind is too much")
        measured = self.training(values, trial)
        return replace(measured, macs=len(_LEFT_BEHIND), param_count=os.getpid())


_LEFT_BEHIND: list[bytes] = []
