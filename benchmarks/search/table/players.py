"""Who plays: the strategies of this package, and others by their own packages, all behind ask and tell.

MACs are known before a training, so nobody would train what is above the limit: whoever asks for that is asked again,
at no cost.
"""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfkws.tuner.problem.keras_tuner_space import to_hyperparameters
from tfkws.tuner.problem.objectives import MACS, to_losses
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param
from tfkws.tuner.records.trials import TrialRecord, Values
from tfkws.tuner.strategies.strategies import STRATEGIES

ATTEMPTS = 200
SAMPLERS = {"optuna-nsga2": "NSGAIISampler", "optuna-tpe": "TPESampler", "optuna-gp": "GPSampler"}
EXCESS = "log10 of MACs over their limit"


class Player(Protocol):
    """Suggests candidates one after the other.

    Attributes:
        early: whether early stopping is part of it.
    """

    early: bool

    def ask(self) -> Values:
        """Return what to train next."""

    def tell(self, record: TrialRecord) -> None:
        """Take what came of it."""

    def recall(self, record: TrialRecord) -> None:
        """Take what came of a candidate that was suggested before an interruption."""


class Own:
    """A strategy of `tfkws.tuner.strategies.strategies`."""

    def __init__(self, name: str, problem: Problem, seed: int, early: bool = False) -> None:
        self.strategy, self.problem, self.seed, self.early = STRATEGIES[name], problem, seed, early
        self.history: list[TrialRecord] = []

    def ask(self) -> Values:
        """Suggest by the history."""
        values = self.strategy(self.history, self.problem, np.random.default_rng((self.seed, len(self.history))))
        if values is None:
            raise SystemExit(f"Nothing is left to try after {len(self.history)} trials.")
        return values

    def tell(self, record: TrialRecord) -> None:
        """Add to the history."""
        self.history.append(record)

    recall = tell


class Optuna:
    """A sampler of Optuna with several objectives, by its own defaults; it is told how far above a limit MACs are."""

    early = False

    def __init__(self, make_sampler: Callable[[Any, int], Any], problem: Problem, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.problem = problem
        self.asked: Any = None
        _without_mode()
        self.study = optuna.create_study(directions=["minimize"] * 2, sampler=make_sampler(optuna, seed))
        self.distributions = {param.name: _distribution(param) for param in problem.space.params}

    def ask(self) -> Values:
        """Ask until something is within the limits; what is above is told as infeasible, with the worst error."""
        for _ in range(ATTEMPTS):
            self.asked = self.study.ask(self.distributions)
            values = self.problem.space.values_at([self.asked.params[name] for name in self.problem.space.names])
            macs = self.problem.known_costs["macs"](values)
            limit = self.problem.limits.get("macs", np.inf)
            self.asked.set_user_attr(EXCESS, float(np.log10(macs) - np.log10(limit)))
            if self.problem.feasible(values):
                return values
            self.study.tell(self.asked, [1.0, MACS.to_loss(macs)])
        raise SystemExit(f"{ATTEMPTS} suggestions in a row were above the limit.")

    def tell(self, record: TrialRecord) -> None:
        """Hand over both losses, or that the training failed."""
        from optuna.trial import TrialState

        if record.status == "infeasible":
            self.study.tell(self.asked, state=TrialState.FAIL)
        else:
            self.study.tell(self.asked, list(to_losses([record], self.problem.objectives)[0]))

    def recall(self, record: TrialRecord) -> None:
        """Hand over a finished trial. What a sampler keeps of its own between trials, it begins anew."""
        from optuna.trial import TrialState, create_trial

        failed, space = record.status == "infeasible", self.problem.space
        self.study.add_trial(
            create_trial(
                state=TrialState.FAIL if failed else TrialState.COMPLETE,
                params=dict(zip(space.names, space.indices(record.values), strict=True)),
                distributions=self.distributions,
                values=None if failed else list(to_losses([record], self.problem.objectives)[0]),
            )
        )


def _distribution(param: Param) -> Any:
    """Return positions among the choices: a range, whose neighbours are known; of texts, which have none, kinds."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if isinstance(param.choices[0], str):
        return CategoricalDistribution(range(len(param.choices)))
    return IntDistribution(0, len(param.choices) - 1)


def _without_mode() -> None:
    """Let GPSampler work without `with torch.device("cpu")`, which changes nothing on a CPU but costs a third of it."""
    import contextlib

    import optuna.samplers._gp.sampler as module

    class Torch:
        def device(self, name: str) -> Any:
            return contextlib.nullcontext()

        def __getattr__(self, name: str) -> Any:
            import torch

            return getattr(torch, name)

    vars(module)["torch"] = Torch()


def excess(trial: Any) -> tuple[float]:
    """Return what Optuna calls a constraint: above 0 is infeasible."""
    return (trial.user_attrs[EXCESS],)


class KerasTunerBayesian:
    """keras-tuner's BayesianOptimization on the sum of both losses, each scaled to 0..1 over the space."""

    early = False

    def __init__(self, problem: Problem, seed: int, ideal: np.ndarray, reference: np.ndarray) -> None:
        import keras_tuner

        self.problem, self.ideal, self.size = problem, ideal, reference - ideal
        folder = tempfile.mkdtemp()
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.oracle = keras_tuner.oracles.BayesianOptimizationOracle(
            objective=keras_tuner.Objective("score", "min"),
            max_trials=None,
            seed=seed + 1,  # keras-tuner takes 0 for none
            hyperparameters=to_hyperparameters(problem.space),
            allow_new_entries=False,
            tune_new_entries=False,
            max_consecutive_failed_trials=None,
        )
        self.oracle.verbose = 0
        self.oracle.gpr = unchecked(self.oracle.gpr)
        self.oracle._set_project_dir(Path(folder), "game")
        self.asked: Any = None

    def ask(self) -> Values:
        """Ask until something is within the limits; what is above counts as if all its answers were wrong."""
        for _ in range(ATTEMPTS):
            self.asked = self.oracle.create_trial("player")
            values = dict(self.asked.hyperparameters.values)
            if self.problem.feasible(values):
                return values
            self._end_with(np.array([1.0, MACS.to_loss(self.problem.known_costs["macs"](values))]))
        raise SystemExit(f"{ATTEMPTS} suggestions in a row were above the limit.")

    def tell(self, record: TrialRecord) -> None:
        """Hand over the sum, or that the training failed."""
        if record.status == "infeasible":
            self.asked.status = "FAILED"
            self.oracle.end_trial(self.asked)
        else:
            self._end_with(to_losses([record], self.problem.objectives)[0])

    def recall(self, record: TrialRecord) -> None:
        """Refuse: the oracle takes no trial that it has not suggested itself."""
        raise SystemExit("A game of keras-tuner's cannot go on; delete its journal.")

    def _end_with(self, losses: np.ndarray) -> None:
        score = float(((losses - self.ideal) / self.size).sum())
        self.oracle.update_trial(self.asked.trial_id, {"score": score})
        self.asked.status = "COMPLETED"
        self.oracle.end_trial(self.asked)


def unchecked(regressor: Any) -> Any:
    """Return the same Gaussian process, whose predictions skip scikit-learn's checks of every point: ten times as fast.

    It is asked for some thousand single points a suggestion.
    """
    from scipy.linalg import solve_triangular
    from sklearn.gaussian_process import GaussianProcessRegressor

    class Unchecked(GaussianProcessRegressor):
        def predict(self, X: np.ndarray, return_std: bool = False, return_cov: bool = False) -> Any:  # noqa: N803
            if not return_std or return_cov:
                return super().predict(X, return_std, return_cov)
            near = self.kernel_(X, self.X_train_)
            known = solve_triangular(self.L_, near.T, lower=True, check_finite=False)
            variance = np.maximum(self.kernel_.diag(X) - (known**2).sum(axis=0), 0.0)
            return near @ self.alpha_ * self._y_train_std + self._y_train_mean, np.sqrt(variance) * self._y_train_std

    return Unchecked(**regressor.get_params(deep=False))


def make_player(name: str, problem: Problem, seed: int, ideal: np.ndarray, reference: np.ndarray) -> Player:
    """Return a player by name."""
    if name == "ours":
        return Own("ours", problem, seed, early=True)
    if name in ("random", "ours-nsga2"):
        return Own(name.removeprefix("ours-"), problem, seed)
    if name == "ours-without-early-stopping":
        return Own("ours", problem, seed)
    if name in SAMPLERS:
        constrained = {"constraints_func": excess} if problem.limits else {}
        return Optuna(
            lambda optuna, seed: getattr(optuna.samplers, SAMPLERS[name])(seed=seed, **constrained), problem, seed
        )
    if name == "keras-tuner-bayesian":
        return KerasTunerBayesian(problem, seed, ideal, reference)
    raise SystemExit(f"There is no player {name!r}; choose among {', '.join(PLAYERS)}.")


PLAYERS = ("ours", "random", "optuna-nsga2", "optuna-tpe", "keras-tuner-bayesian")
"""Those who are compared by default; ours-nsga2 and ours-without-early-stopping can be added."""
