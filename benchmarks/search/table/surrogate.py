"""A surrogate of the table: what a training of any configuration of the space would show, noise included.

It is fitted to the committed table when it is opened, in seconds and alike on one processor, so that there is nothing
to commit but the table. Two models that have little in common predict the logit of the error, gradient-boosted trees
and a Gaussian process; the surrogate is their mean, or one of them, so that a comparison can be repeated with each.
What neither explains and seeds do not either is added as a fixed, structureless part of each configuration.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search.table.configurations import make_problem
from benchmarks.search.table.rows import Row, read_about, trained_rows
from tfkws.models.conv_units import decode_units
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Curve, Values, trial_key

MODELS = ("trees", "process")
FOLDS = 8
NEIGHBOURS = 3  # configurations whose learning curves stand for that of an untrained one
FLOOR = 1e-3  # an error of 0 on a finite split is not one


def logit(error: np.ndarray) -> np.ndarray:
    """Return log(e / (1 - e)) of errors e, 0..1, bounded."""
    bounded = np.clip(error, FLOOR, 1 - FLOOR)
    return np.log(bounded / (1 - bounded))


def expit(value: np.ndarray) -> np.ndarray:
    """Undo `logit`."""
    return 1 / (1 + np.exp(-value))


def features(candidates: Sequence[Values], problem: Problem) -> np.ndarray:
    """Describe configurations, float (n, f): kernels, log filters, costs, receptive field, narrowest layer, weights."""
    return np.array([_features(values, problem) for values in candidates])


def _features(values: Values, problem: Problem) -> list[float]:
    units = decode_units(**problem.space.model_variant(values))
    kernels, filters = [unit.kernel_height for unit in units], [unit.filters for unit in units]
    weights = [k * k * c * m for k, c, m in zip(kernels, [1, *filters], filters, strict=False)]
    return [
        *kernels,
        *np.log(filters),
        *np.log(weights),
        math.log(problem.known_costs["macs"](values)),
        math.log(problem.known_costs["param_count"](values)),
        1 + sum(k - 1 for k in kernels),
        math.log(min(filters)),
        float(np.mean(np.log(filters))),
    ]


def make_model(name: str) -> Any:
    """Return an unfitted regressor of `features`."""
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if name == "trees":
        return GradientBoostingRegressor(
            n_estimators=400, learning_rate=0.04, max_depth=3, subsample=0.7, min_samples_leaf=4, random_state=0
        )
    kernel = ConstantKernel(1.0, (0.01, 100)) * Matern(5.0, (1.0, 100.0), nu=2.5) + WhiteKernel(0.05, (1e-4, 1.0))
    return make_pipeline(StandardScaler(), GaussianProcessRegressor(kernel, normalize_y=True, random_state=0))


@dataclass(frozen=True)
class Noise:
    """Deviations of a logit: `seeds` between trainings of one configuration, `unexplained` fixed for each."""

    seeds: float
    unexplained: float


class Surrogate:
    """What trainings would come to.

    Args:
        rows: of the table; several of one configuration differ in the seed.
        problem: the space and its costs.
        models: names in `MODELS`, whose predictions are averaged.
    """

    def __init__(self, rows: Sequence[Row], problem: Problem, models: Sequence[str] = MODELS) -> None:
        self.rows, self.problem = [row for row in rows if row.seed == 0], problem
        self.inputs = features([row.values for row in self.rows], problem)
        self.targets = _mean_logits(rows, self.rows)
        self.held_out = held_out_predictions(self.inputs, self.targets, models)
        self.noise = measure_noise(rows, self.targets - self.held_out)
        self.clips = self.rows[0].clips
        self.iterations = int(self.rows[0].curve[-1][0])
        self._models = [make_model(name).fit(self.inputs, self.targets) for name in models]
        self._scale = self.inputs.std(axis=0) + 1e-9
        self._known: dict[Any, float] = {}

    def true_error(self, values: Values) -> float:
        """Return the error 0..1 that trainings of a configuration come to on average over seeds."""
        key = trial_key(values)
        if key not in self._known:
            inputs = features([values], self.problem)
            mean = float(np.mean([model.predict(inputs)[0] for model in self._models]))
            fixed = np.random.default_rng([int(value) for _, value in key]).normal()
            self._known[key] = float(expit(np.array(mean + self.noise.unexplained * fixed)))
        return self._known[key]

    def curve(self, values: Values, rng: np.random.Generator) -> Curve:
        """Return a learning curve as one training would show: a similar trained one's, ending where this one would."""
        distance = np.abs((self.inputs - features([values], self.problem)) / self._scale).sum(axis=1)
        like = self.rows[int(np.argsort(distance, kind="stable")[int(rng.integers(NEIGHBOURS))])]
        end = logit(np.array(self.true_error(values))) + self.noise.seeds * rng.normal()
        shift = float(end) - float(logit(np.array(like.top1_error)))
        errors = expit(logit(np.array([error for _, error in like.curve])) + shift)
        return tuple((int(i), float(e)) for (i, _), e in zip(like.curve, errors, strict=True))


def open_surrogate(folder: Path, models: Sequence[str] = MODELS) -> Surrogate:
    """Fit the surrogate of a table."""
    about = read_about(folder)
    problem = make_problem(len(about["words"].split(",")) + 2, about["max_macs"])
    return Surrogate(trained_rows(folder), problem, models)


def held_out_predictions(inputs: np.ndarray, targets: np.ndarray, models: Sequence[str]) -> np.ndarray:
    """Predict each configuration, float (n,), by models fitted to other folds."""
    order, found = np.random.default_rng(0).permutation(len(targets)), np.zeros(len(targets))
    for start in range(FOLDS):
        tested = order[start::FOLDS]
        seen = np.setdiff1d(order, tested)
        fitted = [make_model(name).fit(inputs[seen], targets[seen]) for name in models]
        found[tested] = np.mean([model.predict(inputs[tested]) for model in fitted], axis=0)
    return found


def measure_noise(rows: Sequence[Row], residuals: np.ndarray) -> Noise:
    """Split what is left over into what seeds do and what the features do not explain."""
    groups: dict[int, list[float]] = {}
    for row in rows:
        groups.setdefault(row.number, []).append(row.top1_error)
    repeated = [logit(np.array(errors)) for errors in groups.values() if len(errors) > 1]
    freedom = sum(len(group) - 1 for group in repeated)
    seeds = math.sqrt(sum(float(((g - g.mean()) ** 2).sum()) for g in repeated) / freedom) if freedom else 0.0
    # The target of most configurations is a single training, so its residual holds the noise of a seed too.
    return Noise(seeds, math.sqrt(max(float(np.mean(residuals**2)) - seeds**2, 0.0)))


def _mean_logits(rows: Sequence[Row], first: Sequence[Row]) -> np.ndarray:
    errors: Mapping[int, list[float]] = {row.number: [] for row in first}
    for row in rows:
        errors[row.number].append(row.top1_error)
    return np.array([float(np.mean(logit(np.array(errors[row.number])))) for row in first])
