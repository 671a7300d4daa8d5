"""The records of a search: what was tried, and what came of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tfkws.config.strict import record

Value = bool | int | float | str  # a Boolean of keras-tuner is one
Values = Mapping[str, Value]
Curve = tuple[tuple[int, float], ...]  # (iterations done, validation error 0..1), in order

Status = Literal["running", "completed", "stopped", "infeasible"]


@dataclass(frozen=True)
class Measurement:
    """What an evaluation returns.

    Attributes:
        top1_error: share 0..1 of wrong answers on the whole validation split.
        clips: number of clips in it.
        macs: multiply-accumulates of one inference.
        param_count: trainable parameters.
        seconds: wall time of the trial.
        iterations: optimiser steps taken.
        curve: validation error while training.
        stopped_early: whether early stopping ended the trial, so that `top1_error` is above what it would
            have become.
        predicted_error: for a stopped trial, the error it was expected to end with.
        device: what a target measured, by name: "latency_us" with "latency_low_us", "latency_high_us" and
            "latency_p95_us", "instructions", or the same latencies with "@gpu" behind each name; where a file is
            limited, "file_kib" and "arena_kib" of it.
    """

    top1_error: float
    clips: int
    macs: int
    param_count: int
    seconds: float
    iterations: int
    curve: Curve = ()
    stopped_early: bool = False
    predicted_error: float | None = None
    device: Mapping[str, float] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """The numbers by name, with `standard_error`, the binomial one of `top1_error` (both 0..1)."""
        error = {"standard_error": binomial_standard_error(self.top1_error, self.clips)}
        named = asdict(self) | error | dict(self.device)
        left_out = ("curve", "stopped_early", "device")
        return {name: value for name, value in named.items() if name not in left_out and value is not None}


@dataclass(frozen=True)
class TrialRecord:
    """One candidate.

    Attributes:
        number: order of suggestion, from 0.
        stage: of the search, from 0; fine-tuning is the stage after the last.
        values: setting of each searched parameter.
        status: "running", "completed", "stopped" (early), or "infeasible" (it failed).
        metrics: measured numbers (int or float) by name; empty while running and when infeasible.
        curve: (optimiser steps, validation error 0..1) while training.
        reason: why it is infeasible.
        started_from: number of the trial whose weights it began with; None for fresh weights.
    """

    number: int
    stage: int
    values: Values
    status: Status = "running"
    metrics: Mapping[str, float] = field(default_factory=dict)
    curve: Curve = ()
    reason: str = ""
    started_from: int | None = None

    @property
    def warm(self) -> bool:
        """Whether it began with trained weights, so that its score is not comparable with a cold one's."""
        return self.started_from is not None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TrialRecord":
        """Return the record that `to_dict` describes, also after JSON.

        Raises:
            ConfigError: a key is unknown or missing, or a value does not fit.
        """
        return record(cls, values)


def completed(records: Sequence[TrialRecord]) -> list[TrialRecord]:
    """Return the completed ones among records, which have a full measurement."""
    return [record for record in records if record.status == "completed"]


def visible_history(history: Sequence[TrialRecord], count: int) -> list[TrialRecord]:
    """Return the history with only its first `count` results; later ones look as if they were still running.

    Args:
        history: finished trials in order of arrival, and running ones.
    """
    finished = [record for record in history if record.status != "running"]
    running = [record for record in history if record.status == "running"]
    hidden = [
        TrialRecord(record.number, record.stage, record.values, started_from=record.started_from)
        for record in finished[count:]
    ]
    return finished[:count] + sorted(hidden + running, key=lambda record: record.number)


def trial_key(values: Values) -> tuple[tuple[str, Value], ...]:
    """Return a hashable identity of values, which does not depend on their order."""
    return tuple(sorted(values.items()))


def binomial_standard_error(share: float, count: int) -> float:
    """Return the standard error of a share 0..1 that is estimated from `count` independent draws.

    With two successes and two failures added, so that it is not 0 at a share of 0 or 1; Agresti and Coull
    1998, "Approximate is better than 'exact' for interval estimation of binomial proportions".

    Example:
        >>> round(binomial_standard_error(0.5, 96), 3)
        0.05
    """
    adjusted = (share * count + 2) / (count + 4)
    return math.sqrt(adjusted * (1 - adjusted) / (count + 4))
