"""A latency as prices times amounts, fitted without negative prices and judged on what the fit has not seen."""

from collections.abc import Mapping, Sequence

import numpy as np

from tfkws.errors import BenchmarkError

Terms = Mapping[str, Sequence[float]]  # by network: how much it asks for of everything that has a price


def fit_prices(terms: Terms, values: Mapping[str, float]) -> np.ndarray:
    """Fit one price a term, 0 or more, with the smallest sum of squared relative errors.

    Args:
        terms: amounts of each network.
        values: what each took; the fit is to these networks.

    Returns:
        Prices, float (terms,), in the unit of the values for each unit of an amount.

    Raises:
        BenchmarkError: there are fewer networks than terms.

    Example:
        >>> fit_prices({"a": (1, 10), "b": (1, 20)}, {"a": 30.0, "b": 50.0}).round(6)
        array([10.,  2.])
    """
    from scipy.optimize import nnls

    table = np.array([terms[name] for name in values], float)
    if len(table) < table.shape[-1]:
        raise BenchmarkError(f"{table.shape[-1]} prices need as many networks. Received {len(table)}.")
    relative = table / np.array(list(values.values()))[:, None]
    sizes = np.maximum(np.abs(relative).max(axis=0), np.finfo(float).tiny)
    return np.asarray(nnls(relative / sizes, np.ones(len(relative)))[0]) / sizes


def cost_of(prices: np.ndarray, amounts: Sequence[float]) -> float:
    """Return what a network costs, in the unit of the values that the prices were fitted to."""
    return float(np.dot(prices, amounts))


def predict_left_out(
    terms: Terms, values: Mapping[str, float], families: Mapping[str, str] | None = None
) -> dict[str, float]:
    """Predict each network of `terms` by a fit to the other networks.

    Args:
        terms: amounts; a network without a value is predicted by the fit to all that have one.
        values: what networks took.
        families: by network; all of its family are left out with it. None for each network alone.

    Raises:
        BenchmarkError: too few networks are left to fit to.
    """
    kin = families or {name: name for name in terms}
    found = {}
    for name in terms:
        others = {other: value for other, value in values.items() if kin[other] != kin[name]}
        found[name] = cost_of(fit_prices(terms, others), terms[name])
    return found


def median_error(predicted: Mapping[str, float], values: Mapping[str, float]) -> float:
    """Return the median of the relative errors |predicted - value| / value, over networks that have both."""
    names = predicted.keys() & values.keys()
    return float(np.median([abs(predicted[name] / values[name] - 1) for name in names]))
