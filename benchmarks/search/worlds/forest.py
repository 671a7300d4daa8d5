"""The family of forests: random trees fitted to recorded trainings, so that the world is made of steps.

Each instance is another forest on another draw of the table's trainings. Nothing of it is smooth, and no Gaussian
process had a part in it.
"""

import numpy as np

from benchmarks.records import PUBLISHED
from benchmarks.search.table.configurations import make_problem
from benchmarks.search.table.rows import trained_rows
from benchmarks.search.worlds.world import CHANCE, World
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Values, trial_key

TREES = 40


def make_forest(seed: int) -> World:
    """Fit one instance of the family."""
    from sklearn.ensemble import ExtraTreesRegressor

    rng = np.random.default_rng((3, seed))
    problem = make_problem(classes=10)
    rows = trained_rows(PUBLISHED / "search" / "table")
    picked = [rows[i] for i in rng.choice(len(rows), len(rows))]
    errors = np.array([row.top1_error for row in picked])
    inputs = np.array([_features(row.values, problem) for row in picked])
    forest = ExtraTreesRegressor(TREES, bootstrap=False, min_samples_leaf=2, random_state=seed)
    forest.fit(inputs, np.log(errors / (CHANCE - errors)))
    known: dict[object, float] = {}

    def logit(values: Values) -> float:
        key = trial_key(values)
        if key not in known:
            known[key] = float(forest.predict([_features(values, problem)])[0])
        return known[key]

    return World(f"forest-{seed}", problem, logit, float(rng.uniform(0.06, 0.16)))


def _features(values: Values, problem: Problem) -> list[float]:
    """Return kernels, filters and the logarithm of the MACs."""
    return [*(float(value) for value in values.values()), float(np.log10(problem.cost("macs", values)))]
