"""How good the surrogate of the table is: rank correlation on configurations that the fit has not seen, and noise."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.search.table.rows import read_about, read_rows
from benchmarks.search.table.surrogate import FOLDS, MODELS, Surrogate, expit, held_out_predictions, open_surrogate
from tfkws.report.plots import BLUE, GREY, new_figure, save_png
from tfkws.run_folder import write_json

DIGITS = 6  # significant; further ones depend on the linear algebra of the machine


def write_held_out(folder: Path) -> None:
    """Write surrogate.json and surrogate.png beside the table in `folder`."""
    surrogate = open_surrogate(folder)
    write_json(folder / "surrogate.json", rounded(describe(surrogate, folder)))
    save_png(figure(surrogate), folder / "surrogate.png")


def rounded(value: Any) -> Any:
    """Return JSON-ready values with every float at six significant digits.

    >>> rounded({"a": [1.23456789, 12], "b": "text"})
    {'a': [1.23457, 12], 'b': 'text'}
    """
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def judge(predicted: np.ndarray, targets: np.ndarray) -> dict[str, float]:
    """Return agreement of held-out predictions with trainings; errors in points of TOP-1."""
    points = 100 * np.abs(expit(predicted) - expit(targets))
    return {
        "spearman": float(stats.spearmanr(predicted, targets).statistic),
        "kendall": float(stats.kendalltau(predicted, targets).statistic),
        "r2": float(1 - np.mean((predicted - targets) ** 2) / np.var(targets)),
        "median_error_points": float(np.median(points)),
        "p95_error_points": float(np.percentile(points, 95)),
    }


def describe(surrogate: Surrogate, folder: Path) -> dict[str, Any]:
    """Return what surrogate.json holds."""
    rows = read_rows(folder)
    each = {name: held_out_predictions(surrogate.inputs, surrogate.targets, [name]) for name in MODELS}
    held_out = {name: judge(predicted, surrogate.targets) for name, predicted in each.items()}
    # Among cheap networks the errors differ most; the harder question is the order within like costs.
    macs = np.array([row.macs for row in surrogate.rows])
    thirds = np.array_split(np.argsort(macs), 3)
    within = [float(stats.spearmanr(surrogate.held_out[i], surrogate.targets[i]).statistic) for i in thirds]
    return {
        "accuracies": read_about(folder)["accuracies"],
        "trainings": len(rows),
        "failed": sum(bool(row.reason) for row in rows),
        "configurations": len(surrogate.rows),
        "iterations": surrogate.iterations,
        "folds": FOLDS,
        "held_out": held_out | {"mean of both": judge(surrogate.held_out, surrogate.targets)},
        "held_out_spearman_by_third_of_macs": within,
        "noise_of_seeds_logit": surrogate.noise.seeds,
        "unexplained_logit": surrogate.noise.unexplained,
    }


def figure(surrogate: Surrogate) -> Any:
    """Draw predicted error while held out against trained error, percent."""
    drawing, axis = new_figure(4.6, 4.2)
    trained, predicted = 100 * expit(surrogate.targets), 100 * expit(surrogate.held_out)
    axis.scatter(trained, predicted, s=14, color=BLUE)
    ends = [min(trained.min(), predicted.min()), max(trained.max(), predicted.max())]
    axis.plot(ends, ends, color=GREY, linewidth=1)
    axis.set_xlabel("validation error of the training (%)")
    axis.set_ylabel("predicted, held out (%)")
    return drawing
