"""The surrogate model: a Gaussian process that predicts losses of untrained candidates from trained ones."""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import TrialRecord, Values

REFIT_EVERY = 10  # trials between two fits of the kernel; the data are all used each time


def features(candidates: Sequence[Values], problem: Problem) -> np.ndarray:
    """Return candidates as numbers: float (n, f), each column about 0..1.

    Columns: position of each free parameter among its choices, then log10 of each known cost.
    """
    space = problem.space
    candidates = [problem.narrow(values) for values in candidates]
    columns = [positions(candidates, space.params[i].name, space.params[i].choices) for i in space.free]
    for cost in problem.known_costs.values():
        columns.append(np.log10([max(cost(values), 1.0) for values in candidates]) / 4)
    return np.stack(columns, axis=1) if columns else np.zeros((len(candidates), 1))


def positions(candidates: Sequence[Values], name: str, choices: tuple[Any, ...]) -> np.ndarray:
    """Return the positions of values among a parameter's choices: float (n,) in 0..1.

    Numbers are placed by their logarithm where all choices are positive, texts by the order of the choices. What has no
    value stands in the middle.

    Example:
        >>> positions([{"width": 2}, {"width": 4}, {"width": 8}], "width", (2, 4, 8)).round(2).tolist()
        [0.0, 0.5, 1.0]
    """
    if all(isinstance(choice, int | float) for choice in choices):
        numbers = np.array(choices, dtype=np.float64)
        points = np.array([float(values.get(name, np.nan)) for values in candidates])
        if numbers.min() > 0:
            numbers, points = np.log(numbers), np.log(np.maximum(points, 1e-12))
        return np.nan_to_num((points - numbers.min()) / (numbers.max() - numbers.min()), nan=0.5)
    lookup = {choice: i / (len(choices) - 1) for i, choice in enumerate(choices)}
    return np.array([lookup.get(values.get(name, ""), 0.5) for values in candidates])


def predict(
    records: Sequence[TrialRecord], targets: np.ndarray, candidates: Sequence[Values], problem: Problem
) -> tuple[np.ndarray, np.ndarray]:
    """Predict a loss of `candidates` with a Gaussian process through the `targets` of `records`.

    Returns:
        (mean, deviation): float (k,), the deviation of the noise-free loss, above 0.
    """
    from threadpoolctl import threadpool_limits

    known, asked = features([record.values for record in records], problem), features(candidates, problem)
    fitted_on = max(REFIT_EVERY, len(targets) // REFIT_EVERY * REFIT_EVERY)
    center, spread = float(np.mean(targets[:fitted_on])), float(np.std(targets[:fitted_on])) or 1.0
    scaled = (targets - center) / spread
    with threadpool_limits(1):  # matrices this small only lose by a second thread
        kernel = _fit_kernel(known[:fitted_on].tobytes(), scaled[:fitted_on].tobytes(), known.shape[1])
        mean, deviation = _condition(kernel, known, scaled, asked)
    return mean * spread + center, np.maximum(deviation * spread, 1e-9)


@lru_cache(maxsize=8)
def _fit_kernel(known: bytes, scaled: bytes, width: int) -> Any:
    """Fit scales and noise by marginal likelihood; keyed by the data, so that suggesting stays a pure function."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    points, losses = np.frombuffer(known).reshape(-1, width), np.frombuffer(scaled)
    scales = Matern(np.full(width, 1.0), (0.1, 30.0), nu=2.5)
    kernel = ConstantKernel(2.0, (0.1, 100.0)) * scales + WhiteKernel(0.05, (1e-4, 1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a scale at its bound is an irrelevant parameter
        return GaussianProcessRegressor(kernel).fit(points, losses).kernel_


def _condition(kernel: Any, known: np.ndarray, scaled: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.gaussian_process import GaussianProcessRegressor

    process = GaussianProcessRegressor(kernel, optimizer=None).fit(known, scaled)
    mean, deviation = process.predict(asked, return_std=True)
    noise = kernel.k2.noise_level
    return mean, np.sqrt(np.maximum(deviation**2 - noise, 1e-12))
