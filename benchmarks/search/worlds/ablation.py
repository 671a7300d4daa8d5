"""Our strategy with one part taken away, as players `ours-without-PART`."""

import math
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.search.table.players import Own
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Values
from tfkws.tuner.strategies import gain, gaussian_process, surrogate
from tfkws.tuner.strategies.candidates import random_values

PREFIX = "ours-without-"


def _as_they_are(losses: np.ndarray) -> surrogate.Scale:
    """Learn losses as they are."""
    return surrogate.Scale(shares=False)


PARTS: dict[str, tuple[ModuleType, str, Any]] = {
    "climbing": (gain, "ROUNDS", 0),
    "robust-noise": (gaussian_process, "ROBUST_ROUNDS", 0),
    "logit": (surrogate, "scale_of", _as_they_are),
    "cut": (surrogate, "CUT", math.inf),
    "even-start": (gain, "_spread_values", random_values),
}


class Ablated(Own):
    """Ours, while one part is replaced by what does without it."""

    def __init__(self, part: str, problem: Problem, seed: int) -> None:
        super().__init__("ours", problem, seed)
        self._part = PARTS[part]

    def ask(self) -> Values:
        """Suggest by the history."""
        with patch.object(*self._part):
            return super().ask()
