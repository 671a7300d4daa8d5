"""A Gaussian process for few, noisy observations, some of which are far off.

Kernel: Matérn 5/2 with one length scale a parameter. What training data alone cannot tell of so many scales, priors do:
length scales grow with the number of parameters (after Hvarfner, Hellsten and Nardi 2024, "Vanilla Bayesian
optimization performs great in high dimensions"), and the noise is about a twentieth of the variance. Noise has the
heavy tails of Student's t: an observation that the others contradict is believed less.
"""

from dataclasses import dataclass, replace

import numpy as np

FIT_MOST = 128  # observations that length scales are fitted to, spread over all; predictions go by all
ROBUST_ROUNDS = 2  # of weighing observations by how far off they are
FREEDOM = 4.0  # degrees of freedom of the noise
LOG_BOUNDS = np.log([(0.05, 50.0), (0.05, 20.0), (1e-4, 2.0)])  # length scales, variance, noise
LOG_NOISE = float(np.log(0.05))  # centre of its prior; every prior has a deviation of 1 in the logarithm


@dataclass(frozen=True)
class GaussianProcess:
    """A process conditioned on observations.

    Attributes:
        points: float (n, f), where it was observed.
        targets: float (n,), what was observed, of mean 0 and variance 1.
        groups: int (f,), the parameter that each column belongs to; columns of one share a length scale.
        logs: float (parameters + 2,), logarithms of length scales, variance and noise.
        excess: float (n,), at least 1, by which the noise of each observation is larger.
        center, spread: of the targets before they were scaled.
    """

    points: np.ndarray
    targets: np.ndarray
    groups: np.ndarray
    logs: np.ndarray
    excess: np.ndarray
    center: float
    spread: float

    def predict(self, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and deviation of the noise-free function at points: float (k,) each."""
        from scipy.linalg import solve_triangular

        factor, solved = self._condition()
        near = self._kernel(asked, self.points)
        known = solve_triangular(factor, near.T, lower=True, check_finite=False)
        variance = np.exp(self.logs[-2]) - (known**2).sum(axis=0)
        return near @ solved * self.spread + self.center, np.sqrt(np.maximum(variance, 1e-10)) * self.spread

    def believing(self, asked: np.ndarray) -> "GaussianProcess":
        """Return the process as if it had observed its own means at points, so that it is sure of their surroundings.

        Source: the kriging believer of Ginsbourger, Le Riche and Carraro 2010.
        """
        means = (self.predict(asked)[0] - self.center) / self.spread
        return replace(
            self,
            points=np.vstack([self.points, asked]),
            targets=np.append(self.targets, means),
            excess=np.append(self.excess, np.ones(len(asked))),
        )

    def surprises(self) -> np.ndarray:
        """Return how far each observation is from what the others predict, squared and over its variance: float (n,).

        Source: Rasmussen and Williams 2006, equations 5.10 to 5.12.
        """
        from scipy.linalg import cho_solve

        factor, solved = self._condition()
        inverse = cho_solve((factor, True), np.eye(len(solved)), check_finite=False)
        return solved**2 / np.diag(inverse)

    def _kernel(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        scales = np.exp(self.logs[self.groups])
        return np.exp(self.logs[-2]) * _matern(_squared_distances(first / scales, second / scales))[0]

    def _condition(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the Cholesky factor of the covariance of the observations, and its inverse times the targets."""
        from scipy.linalg import cho_solve, cholesky

        covariance = self._kernel(self.points, self.points)
        covariance[np.diag_indices(len(covariance))] += np.exp(self.logs[-1]) * self.excess
        factor = cholesky(covariance, lower=True, check_finite=False)
        return factor, cho_solve((factor, True), self.targets, check_finite=False)


def fit_process(points: np.ndarray, groups: np.ndarray, targets: np.ndarray) -> GaussianProcess:
    """Fit a process to observations.

    Args:
        points: float (n, f), n at least 1, each column about 0..1.
        groups: int (f,), the parameter of each column, from 0.
        targets: float (n,).
    """
    center, spread = float(np.mean(targets)), float(np.std(targets)) or 1.0
    scaled, excess = (targets - center) / spread, np.ones(len(targets))
    sample = np.unique(np.linspace(0, len(targets) - 1, FIT_MOST).astype(int))
    logs = prior_logs(int(groups.max()) + 1)
    process = GaussianProcess(points, scaled, groups, logs, excess, center, spread)
    for left in reversed(range(ROBUST_ROUNDS + 1)):
        logs = fit_logs(points[sample], groups, scaled[sample], process.excess[sample], process.logs)
        process = replace(process, logs=logs)
        if left:
            # As if each variance of the noise were drawn, which makes a Student's t of normal noise.
            excess = np.maximum((FREEDOM + process.surprises()) / (FREEDOM + 1), 1.0)
            process = replace(process, excess=excess)
    return process


def prior_logs(parameters: int) -> np.ndarray:
    """Return the centre of the prior: logarithms of length scales, variance and noise, float (parameters + 2,)."""
    return np.array([*[0.25 * np.log(parameters)] * parameters, 0.0, LOG_NOISE])


def fit_logs(
    points: np.ndarray, groups: np.ndarray, targets: np.ndarray, excess: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Return the logarithms of length scales, variance and noise that are most probable under data and priors."""
    from scipy.optimize import minimize

    distances = np.stack([_squared_distances(*[points[:, groups == group]] * 2) for group in range(len(start) - 2)])
    bounds = [*[LOG_BOUNDS[0]] * (len(start) - 2), *LOG_BOUNDS[1:]]
    found = minimize(
        log_loss, start, (distances, targets, excess), "L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": 60}
    )
    return np.asarray(found.x)


def log_loss(
    logs: np.ndarray, distances: np.ndarray, targets: np.ndarray, excess: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the negative logarithm of the posterior of `logs`, up to a constant, and its gradient.

    Source: Rasmussen and Williams 2006, equations 5.8 and 5.9.

    Args:
        logs: float (parameters + 2,).
        distances: float (parameters, n, n), squared, along each parameter.
        targets, excess: float (n,).
    """
    from scipy.linalg import cho_solve, cholesky

    count, size = len(targets), len(logs) - 2
    inverse_scales, variance, noise = np.exp(-2 * logs[:size]), np.exp(logs[-2]), np.exp(logs[-1]) * excess
    flat = distances.reshape(size, -1)
    correlation, slope = _matern((inverse_scales @ flat).reshape(count, count))
    factor = cholesky(variance * correlation + np.diag(noise), lower=True, check_finite=False)
    solved = cho_solve((factor, True), targets, check_finite=False)
    pull = cho_solve((factor, True), np.eye(count), check_finite=False) - np.outer(solved, solved)
    off = logs - prior_logs(size)
    loss = 0.5 * float(targets @ solved) + float(np.log(np.diag(factor)).sum()) + 0.5 * float(off @ off)
    along = -inverse_scales * (flat @ (pull * slope * variance).ravel())
    rest = [0.5 * variance * float((pull * correlation).sum()), 0.5 * float(np.diag(pull) @ noise)]
    return loss, np.append(along, rest) + off


def _matern(squared: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Matérn 5/2 correlation at squared distances, and its slope in the squared distance."""
    far = np.sqrt(5 * np.maximum(squared, 0.0))
    decay = np.exp(-far)
    return (1 + far + far**2 / 3) * decay, -5 / 6 * (1 + far) * decay


def _squared_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return float (n, m) between the rows of (n, f) and (m, f)."""
    lengths = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)
    return np.maximum(lengths - 2 * first @ second.T, 0.0)
