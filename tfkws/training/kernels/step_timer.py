"""Time the optimiser steps of a network in a process of its own, in rounds that its parent asks for."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Timer
from typing import IO, Any, cast

from tfkws import lean_imports
from tfkws.config import ModelConfig, TrainConfig
from tfkws.strict_json import parse_json

WARM_UP_STEPS = 2  # the first one traces
LIMIT_S = 180.0
CHILD = "from tfkws.training.kernels.step_timer import answer; answer()"


@dataclass(frozen=True)
class TrainingStep:
    """What the work of an optimiser step depends on.

    Attributes:
        model: the network.
        input_shape: of one example (rows, frames, channels).
        classes: number of them, an int.
        train: the recipe.
    """

    model: ModelConfig
    input_shape: tuple[int, ...]
    classes: int
    train: TrainConfig

    @property
    def identity(self) -> dict[str, Any]:
        """JSON-ready values that are equal for equal work."""
        shape = {"input_shape": list(self.input_shape), "classes": self.classes}
        recipe = {"batch_size": self.train.batch_size, "optimizer": self.train.optimizer}
        return {"model": self.model.to_dict()} | shape | recipe

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return self.identity | {"train": self.train.to_dict()}


class StepTimer:
    """A child process that builds the network and waits to be asked for rounds of steps; close it.

    Attributes:
        compiled: whether the step is compiled by this package; known when it is ready.
    """

    def __init__(self, step: TrainingStep, variables: Mapping[str, str]) -> None:
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | dict(variables)
        self._process = subprocess.Popen(
            [sys.executable, "-c", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=environment,
        )
        self._asked, self._answers = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        self._limit = Timer(LIMIT_S, self._process.kill)
        self._limit.daemon = True
        self._limit.start()
        self.compiled = False
        self._ask(step.to_dict())

    def ready(self) -> float:
        """Wait until the network is built and warm; return the seconds of one step.

        Raises:
            ChildProcessError: the child died.
        """
        self.compiled = bool(self._answer())
        return self._answer()

    def seconds(self, steps: int) -> float:
        """Return the mean time in seconds of so many steps (int, at least 1).

        Raises:
            ChildProcessError: the child died.
        """
        self._ask(steps)
        return self._answer()

    def close(self) -> None:
        """End the child."""
        self._limit.cancel()
        self._process.kill()
        self._process.communicate()

    def _ask(self, what: Any) -> None:
        try:
            self._asked.write(json.dumps(what) + "\n")
            self._asked.flush()
        except OSError:
            raise ChildProcessError("the process that times steps has ended") from None

    def _answer(self) -> float:
        line = self._answers.readline()
        if not line:
            raise ChildProcessError("the process that times steps has ended")
        return float(line)


def answer() -> None:
    """Serve a `StepTimer`: build what it asks for, then time as many steps as each line says."""
    lean_imports.install()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever libraries print goes elsewhere
    take_step, compiled = _prepared(parse_json(sys.stdin.readline()))
    print(int(compiled), file=answers, flush=True)
    for _ in range(WARM_UP_STEPS):
        take_step()
    steps = 1
    while True:
        began = time.perf_counter()
        for _ in range(steps):
            take_step()
        print((time.perf_counter() - began) / steps, file=answers, flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        steps = int(line)


def _prepared(asked: Mapping[str, Any]) -> tuple[Callable[[], float], bool]:
    """Return a function that takes one step on noise, and whether this package has compiled it."""
    import keras
    import numpy as np

    from tfkws.models import build_model
    from tfkws.training.learner import COMPILED, Learner

    if keras.backend.backend() != "tensorflow":
        sys.exit("these kernels are TensorFlow's")
    model, train = ModelConfig.from_dict(asked["model"]), TrainConfig.from_dict(asked["train"])
    network = build_model(model.name, tuple(asked["input_shape"]), asked["classes"], **model.variant)
    learner, rng = Learner(network, train), np.random.default_rng(0)
    maps = rng.normal(size=(train.batch_size, *asked["input_shape"])).astype(np.float32)
    labels = np.arange(train.batch_size) % asked["classes"]
    return lambda: learner.step(0, train.learning_rate, maps, labels), learner.step_kind == COMPILED
