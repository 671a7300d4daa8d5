"""The Gaussian process against scikit-learn's, against finite differences, and on functions that are known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import check_grad

from tfkws.tuner.strategies.gaussian_process import (
    FIT_MOST,
    GaussianProcess,
    fit_process,
    log_loss,
    prior_logs,
)


def smooth(points: np.ndarray) -> np.ndarray:
    return np.sin(3 * points[:, 0]) + points[:, 1] ** 2


def drawn(rng: np.random.Generator, count: int, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Points of three parameters, of which the last does nothing, and noisy values of `smooth`."""
    points = rng.random((count, 3))
    return points, smooth(points) + noise * rng.standard_normal(count)


def test_predictions_are_those_of_scikit_learn(rng: np.random.Generator) -> None:
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern

    points, values = drawn(rng, 25, 0.1)
    logs = np.log([0.5, 0.8, 3.0, 1.7, 0.03])
    excess = 1 + rng.random(25)
    ours = GaussianProcess(points, values, np.arange(3), logs, excess, center=0.0, spread=1.0)
    kernel = ConstantKernel(1.7) * Matern([0.5, 0.8, 3.0], nu=2.5)
    theirs = GaussianProcessRegressor(kernel, alpha=0.03 * excess, optimizer=None).fit(points, values)
    asked = rng.random((10, 3))
    mean, deviation = theirs.predict(asked, return_std=True)
    assert ours.predict(asked)[0] == pytest.approx(mean) and ours.predict(asked)[1] == pytest.approx(deviation)


def test_the_gradient_is_that_of_finite_differences(rng: np.random.Generator) -> None:
    points, values = drawn(rng, 12, 0.2)
    distances = np.stack([(column[:, None] - column) ** 2 for column in points.T])
    excess = 1 + rng.random(12)

    def part(logs: np.ndarray, which: int) -> object:
        return log_loss(logs, distances, values, excess)[which]

    for _ in range(3):
        logs = prior_logs(3) + rng.standard_normal(5)
        slope = np.linalg.norm(log_loss(logs, distances, values, excess)[1])
        assert check_grad(lambda x: part(x, 0), lambda x: part(x, 1), logs) < 1e-4 * slope


def test_a_smooth_function_is_learned_and_what_does_nothing_is_far_reaching(rng: np.random.Generator) -> None:
    points, values = drawn(rng, 60, 0.02)
    process = fit_process(points, np.arange(3), values)
    asked = rng.random((40, 3))
    mean, deviation = process.predict(asked)
    assert np.abs(mean - smooth(asked)).max() < 0.1
    assert (deviation > 0).all() and np.mean(np.abs(mean - smooth(asked)) < 2 * deviation) > 0.8
    assert process.logs[2] > max(process.logs[:2]) + 0.5


def test_one_wild_observation_is_believed_less(rng: np.random.Generator) -> None:
    points, values = drawn(rng, 40, 0.05)
    wild = values.copy()
    wild[7] += 3.0
    with_it, without = fit_process(points, np.arange(3), wild), fit_process(points, np.arange(3), values)
    asked = points[[7]]
    assert np.argmax(with_it.excess) == 7 and with_it.excess[7] > 3
    trusting = replace(with_it, excess=np.ones(40))
    off = [abs(process.predict(asked)[0][0] - without.predict(asked)[0][0]) for process in (with_it, trusting)]
    assert off[0] < 0.6 * off[1]


def test_leaving_one_out_is_predicting_it_from_the_others(rng: np.random.Generator) -> None:
    points, values = drawn(rng, 15, 0.3)
    process = fit_process(points, np.arange(3), values)
    rest = np.arange(15) != 4
    others = replace(process, points=points[rest], targets=process.targets[rest], excess=process.excess[rest])
    mean, deviation = others.predict(points[[4]])
    scaled, variance = (mean[0] - process.center) / process.spread, (deviation[0] / process.spread) ** 2
    variance += np.exp(process.logs[-1]) * process.excess[4]
    assert process.surprises()[4] == pytest.approx((process.targets[4] - scaled) ** 2 / variance)


def test_believing_keeps_the_means_and_makes_it_surer(rng: np.random.Generator) -> None:
    points, values = drawn(rng, 20, 0.1)
    process, new = fit_process(points, np.arange(3), values), rng.random((3, 3))
    before, after = process.predict(new), process.believing(new).predict(new)
    assert after[0] == pytest.approx(before[0]) and (after[1] < before[1]).all()


def test_columns_of_one_group_share_a_length_scale(rng: np.random.Generator) -> None:
    kinds = np.eye(3)[rng.integers(3, size=30)] / np.sqrt(2)
    process = fit_process(kinds, np.zeros(3, dtype=int), kinds @ np.array([0.0, 1.0, 3.0]))
    assert len(process.logs) == 3
    assert process.predict(np.eye(3) / np.sqrt(2))[0] * np.sqrt(2) == pytest.approx([0, 1, 3], abs=0.2)


def test_many_observations_all_count_though_few_are_fitted(rng: np.random.Generator) -> None:
    points, values = drawn(rng, FIT_MOST + 60, 0.05)
    process = fit_process(points, np.arange(3), values)
    assert len(process.targets) == FIT_MOST + 60
    asked = rng.random((40, 3))
    assert np.abs(process.predict(asked)[0] - smooth(asked)).max() < 0.15


def test_equal_targets_and_one_observation_are_no_trouble() -> None:
    for count in (1, 12):
        points = np.linspace(0, 1, count)[:, None]
        mean, deviation = fit_process(points, np.zeros(1, dtype=int), np.full(count, 0.9)).predict(points)
        assert mean == pytest.approx(np.full(count, 0.9)) and np.isfinite(deviation).all()
