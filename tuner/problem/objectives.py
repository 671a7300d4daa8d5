"""Objectives, and the losses they become: directions and scales are applied here once, all else minimises losses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tfkws.config import ON_GPU, PREDICTED
from tfkws.errors import SearchError
from tfkws.tuner.records.trials import TrialRecord


@dataclass(frozen=True)
class Objective:
    """One quantity to minimise or maximise.

    Attributes:
        name: key in `TrialRecord.metrics`.
        direction: "min" or "max".
        scale: "log" for counts and times that span decades; front and rank do not depend on it, hypervolume
            does.
        unit: for printing, such as "µs".

    Example:
        >>> Objective("macs", scale="log").to_loss(1e6)
        6.0
        >>> Objective("accuracy", "max").to_loss(0.75)
        -0.75
    """

    name: str
    direction: Literal["min", "max"] = "min"
    scale: Literal["linear", "log"] = "linear"
    unit: str = ""

    def to_loss(self, value: float) -> float:
        """Return the loss of a value, which is the better the lower; on a log scale it is log10(value), or minus that.

        Raises:
            SearchError: the value is not above 0 on a log scale.
        """
        if self.scale == "log":
            if not value > 0:
                raise SearchError(f"{self.name} must be above 0 to be put on a log scale. Received {value}.")
            value = float(np.log10(value))
        return value if self.direction == "min" else -value


TOP1_ERROR = Objective("top1_error", unit="fraction")
MACS = Objective("macs", scale="log", unit="MACs")
LATENCY_US = Objective("latency_us", scale="log", unit="µs")
INSTRUCTIONS = Objective("instructions", scale="log", unit="instructions")
GPU_LATENCY_US = replace(LATENCY_US, name=f"{LATENCY_US.name}{ON_GPU}")
DEVICE_COSTS = (LATENCY_US, INSTRUCTIONS, GPU_LATENCY_US)
PREDICTED_COSTS = tuple(replace(cost, name=f"{PREDICTED}{cost.name}") for cost in DEVICE_COSTS)
OBJECTIVES = {objective.name: objective for objective in (TOP1_ERROR, MACS, *DEVICE_COSTS, *PREDICTED_COSTS)}


def get_objectives(names: Sequence[str]) -> tuple[Objective, ...]:
    """Return objectives by name.

    Raises:
        SearchError: a name is not known.
    """
    for name in names:
        if name not in OBJECTIVES:
            raise SearchError(f"There is no objective {name!r}; choose among {', '.join(OBJECTIVES)}.")
    return tuple(OBJECTIVES[name] for name in names)


def to_losses(records: Sequence[TrialRecord], objectives: Sequence[Objective]) -> np.ndarray:
    """Return the losses of n measured records under m objectives: float64 (n, m), all to be minimised."""
    rows = [[objective.to_loss(record.metrics[objective.name]) for objective in objectives] for record in records]
    return np.array(rows, dtype=np.float64).reshape(len(records), len(objectives))
