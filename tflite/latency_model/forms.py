"""Forms of a latency predictor for one kind of operator. Each grows with every size of the operator, so with its MACs.

"linear" and "blocked" are sums of terms that grow with the operator, with coefficients of 0 or more, fitted by
non-negative least squares. "isotonic" is a rising curve over the work alone, through the data.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tfkws.tflite.latency_model.operator_shapes import OperatorShape

Parameters = Mapping[str, Any]
FORMS = ("linear", "blocked", "isotonic")
ROUNDS, HUBER = 6, 1.345  # Huber 1981: 95 % efficiency where there are no outliers


def _blocks(size: int, block: int) -> int:
    return -(-size // block) * block


def _outputs_in_blocks(block: int) -> Callable[[OperatorShape], float]:
    """Work with the outputs rounded up to what a kernel computes at a time."""
    return lambda shape: shape.work / shape.outputs * _blocks(shape.outputs, block)


def _both_in_blocks(outputs: int, inputs: int) -> Callable[[OperatorShape], float]:
    """Work with outputs and inputs rounded up, as kernels with dot products do."""
    return lambda shape: (
        shape.work / (shape.outputs * shape.inputs) * _blocks(shape.outputs, outputs) * _blocks(shape.inputs, inputs)
    )


TERMS: dict[str, Callable[[OperatorShape], float]] = {
    "constant": lambda shape: 1.0,
    "work": lambda shape: shape.work,
    "bytes": lambda shape: shape.bytes_moved,
    "taps": lambda shape: shape.taps,
    **{f"work, outputs in {block}": _outputs_in_blocks(block) for block in (4, 8, 16, 32, 64)},
    **{f"work, outputs in {o} and inputs in {i}": _both_in_blocks(o, i) for o in (8, 16, 32) for i in (4, 8)},
    **{
        f"taps, outputs in {block}": lambda shape, block=block: shape.taps * _blocks(shape.outputs, block)  # type: ignore[misc]
        for block in (8, 16, 32)
    },
}
TERMS_OF = {"linear": ("constant", "work", "bytes"), "blocked": tuple(TERMS)}


def fit_form(form: str, shapes: Sequence[OperatorShape], values: np.ndarray, weights: np.ndarray) -> Parameters:
    """Fit one form.

    Args:
        form: one of `FORMS`.
        shapes: n operators of one kind.
        values: float (n,), what each takes.
        weights: float (n,), by which a residual is multiplied before it is squared.

    Returns:
        JSON-ready parameters.
    """
    if form == "isotonic":
        return _fit_isotonic(shapes, values, weights)
    found = robust_nnls(_table(TERMS_OF[form], shapes) * weights[:, None], values * weights)
    return {name: float(c) for name, c in zip(TERMS_OF[form], found, strict=True) if c > 0}


def robust_nnls(terms: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Coefficients (k,), 0 or more, of (n, k) terms for (n,) targets: least squares for most, outliers by their size.

    Huber's weights in a few rounds, because a moment in which the machine was busy must not bend a whole fit.
    """
    from scipy.optimize import nnls

    sizes = np.maximum(np.linalg.norm(terms, axis=0), 1e-300)
    trust, found = np.ones(len(targets)), np.zeros(terms.shape[1])
    for _ in range(ROUNDS):
        found, _ = nnls(terms / sizes * trust[:, None], targets * trust)
        residuals = np.abs(terms / sizes @ found - targets)
        limit = HUBER * max(1.4826 * float(np.median(residuals)), 1e-9 * float(np.abs(targets).max()), 1e-300)
        trust = np.sqrt(np.minimum(1.0, limit / np.maximum(residuals, 1e-300)))
    return found / sizes


def predict_form(form: str, parameters: Parameters, shapes: Sequence[OperatorShape]) -> np.ndarray:
    """Predict float (n,) of n operators."""
    if form == "isotonic":
        return np.interp([shape.work for shape in shapes], parameters["work"], parameters["value"])
    names = tuple(parameters)
    return _table(names, shapes) @ np.array([parameters[name] for name in names]) if names else np.zeros(len(shapes))


def _table(names: Sequence[str], shapes: Sequence[OperatorShape]) -> np.ndarray:
    return np.array([[TERMS[name](shape) for name in names] for shape in shapes], dtype=np.float64)


def _fit_isotonic(shapes: Sequence[OperatorShape], values: np.ndarray, weights: np.ndarray) -> Parameters:
    from sklearn.isotonic import IsotonicRegression

    regression = IsotonicRegression(y_min=0.0)
    regression.fit([shape.work for shape in shapes], values, sample_weight=weights**2)
    return {"work": regression.X_thresholds_.tolist(), "value": regression.y_thresholds_.tolist()}
