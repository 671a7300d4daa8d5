"""Latency as so much a call, so much a multiply-accumulate, so much a byte of weights: a fit without negatives. Pure.

With few networks every coefficient, every residual and every network left out is to be shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tfkws.errors import BenchmarkError

TERMS = ("calls", "macs", "weight_bytes")


@dataclass(frozen=True)
class Work:
    """What one network asks for in one inference."""

    calls: int
    macs: int
    weight_bytes: int


@dataclass(frozen=True)
class CallModel:
    """seconds = calls * per_call_s + macs * per_mac_s + weight_bytes * per_byte_s; no coefficient is below 0."""

    per_call_s: float
    per_mac_s: float
    per_byte_s: float

    def parts(self, work: Work) -> tuple[float, float, float]:
        """Return the seconds of calls, of multiply-accumulates, and of bytes of weights."""
        return (
            work.calls * self.per_call_s,
            work.macs * self.per_mac_s,
            work.weight_bytes * self.per_byte_s,
        )

    def seconds(self, work: Work) -> float:
        """Return the sum of the parts, in seconds."""
        return sum(self.parts(work))


def fit_call_model(works: Mapping[str, Work], seconds: Mapping[str, float]) -> CallModel:
    """Fit the smallest sum of squared relative errors without negative coefficients.

    Every subset of the terms is solved; the best one without a negative coefficient is the exact solution.

    Raises:
        BenchmarkError: there are fewer networks than terms.
    """
    names = [name for name in works if name in seconds]
    if len(names) < len(TERMS):
        raise BenchmarkError(f"At least {len(TERMS)} networks are needed for a fit. Received {len(names)}.")
    terms = np.array([[getattr(works[name], term) for term in TERMS] for name in names], float)
    relative = terms / np.array([[seconds[name]] for name in names])
    subsets = [subset for size in (1, 2, 3) for subset in combinations(range(len(TERMS)), size)]
    fits = [fit for subset in subsets if (fit := _solve(relative, subset)) is not None]
    best = min(fits, key=lambda fit: float(np.square(relative @ fit - 1).sum()))
    return CallModel(*map(float, best))


def left_out_seconds(works: Mapping[str, Work], seconds: Mapping[str, float]) -> dict[str, float]:
    """Return seconds of each network by a fit to the others: the check on a model with few points.

    Raises:
        BenchmarkError: there are too few networks to leave one out.
    """
    return {
        name: fit_call_model(works, {other: s for other, s in seconds.items() if other != name}).seconds(works[name])
        for name in seconds
    }


def _solve(relative: np.ndarray, subset: Sequence[int]) -> np.ndarray | None:
    """Return the coefficients of a subset of terms, the others 0; None where one is negative."""
    scale = np.abs(relative[:, subset]).max(axis=0)
    if not scale.all():
        return None
    solved = np.linalg.lstsq(relative[:, subset] / scale, np.ones(len(relative)), rcond=None)[0] / scale
    if (solved < 0).any():
        return None
    full = np.zeros(relative.shape[1])
    full[list(subset)] = solved
    return full
