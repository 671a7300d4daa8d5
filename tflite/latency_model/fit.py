"""Fit a latency model to profiles, and measure its error on networks that the fit has not seen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.errors import BenchmarkError, PredictionError
from tfkws.tflite.latency_model.forms import FORMS, fit_form, predict_form, robust_nnls
from tfkws.tflite.latency_model.model import HeldOut, KindModel, LatencyModel, operator_sum
from tfkws.tflite.latency_model.operator_shapes import OperatorShape
from tfkws.tflite.latency_model.profiles import NetworkProfile, ProfileSet

FEWEST_OPERATORS, FEWEST_NETWORKS = 300, 24
FOLDS, FORM_FOLDS = 8, 4
COVERAGE = 0.95
SMALL_SHARE = 0.01  # of a network, below which an operator's error matters no more
FEW = 12  # operators of a kind, below which the simplest form is taken


@dataclass(frozen=True)
class _Rows:
    """All operators of one kind: what they are, what they take, by how much they count, and in which network."""

    shapes: list[OperatorShape]
    values: np.ndarray
    weights: np.ndarray
    networks: np.ndarray


def fit_latency_model(profiles: ProfileSet) -> LatencyModel:
    """Fit a model to all profiles; its error is that of models fitted to parts of them.

    Raises:
        BenchmarkError: there are fewer than 300 operators, or fewer than 24 networks to hold out.
    """
    networks = profiles.networks
    operators, free = sum(len(network.operators) for network in networks), sum(not n.anchor for n in networks)
    if operators < FEWEST_OPERATORS or free < FEWEST_NETWORKS:
        raise BenchmarkError(
            f"A latency model needs {FEWEST_OPERATORS} operators in {FEWEST_NETWORKS} networks besides those at the "
            f"ends of the range. Received {operators} in {free}; profile more networks."
        )
    held_out = measure_error(profiles)
    kinds, fixed, scale = _fit(networks)
    return LatencyModel(profiles.circumstances, kinds, fixed, scale, held_out, len(networks), operators)


def measure_error(profiles: ProfileSet) -> HeldOut:
    """Sum up how well networks are predicted by fits to others."""
    found = held_out_predictions(profiles)
    wholes = {network.name: network.whole for network in profiles.networks}
    pairs = [(predicted, wholes[name]) for name, predicted in found.items() if predicted is not None]
    return _held_out_error(np.array(pairs).reshape(-1, 2), refused=len(found) - len(pairs))


def held_out_predictions(profiles: ProfileSet) -> dict[str, float | None]:
    """Predict each network but the anchors by a fit to other folds, choice of forms included; None where it refuses."""
    networks = profiles.networks
    found: dict[str, float | None] = {}
    for fold in _folds([not network.anchor for network in networks], FOLDS):
        kinds, fixed, scale = _fit([network for i, network in enumerate(networks) if i not in fold])
        model = LatencyModel(profiles.circumstances, kinds, fixed, scale, _NOTHING_KNOWN, 0, 0)
        for i in sorted(fold):
            try:
                found[networks[i].name] = model.predict(networks[i].operators).value
            except PredictionError:
                found[networks[i].name] = None
    return found


_NOTHING_KNOWN = HeldOut(0, 0, math.inf, COVERAGE, math.inf, 0.0)


def _held_out_error(pairs: np.ndarray, refused: int) -> HeldOut:
    """Sum up (n, 2) pairs of predicted and measured."""
    from scipy.stats import spearmanr

    if len(pairs) == 0:
        raise BenchmarkError("No network lies inside the range of the others; profile more networks.")
    errors = relative_errors(pairs[:, 0], pairs[:, 1])
    return HeldOut(
        networks=len(pairs) + refused,
        refused=refused,
        bound=error_bound(errors, COVERAGE),
        coverage=COVERAGE,
        median=float(np.median(errors)),
        rank_correlation=float(spearmanr(pairs).statistic),
    )


def relative_errors(predicted: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Relative errors, the same for half and for twice: the larger of both over the smaller, less 1."""
    return np.exp(np.abs(np.log(predicted / measured))) - 1


def error_bound(errors: np.ndarray, coverage: float) -> float:
    """Error that a further one stays below with at least this probability, if it is drawn like those given.

    The ceil((n + 1) coverage)-th smallest; the largest where n is too small for that. Vovk et al. 2005, "Algorithmic
    learning in a random world".
    """
    rank = min(math.ceil((len(errors) + 1) * coverage), len(errors))
    return float(np.sort(errors)[rank - 1])


def _fit(networks: Sequence[NetworkProfile]) -> tuple[dict[str, KindModel], float, float]:
    """(kinds, fixed, scale) of a fit to all of these networks."""
    kinds = {kind: _fit_kind(rows) for kind, rows in _by_kind(networks).items()}
    wholes = np.array([network.whole for network in networks])
    sums = np.array([operator_sum(kinds, network.operators) for network in networks])
    fixed, scale = robust_nnls(np.stack([1 / wholes, sums / wholes], axis=1), np.ones(len(wholes)))
    return kinds, float(fixed), float(scale)


def _by_kind(networks: Sequence[NetworkProfile]) -> dict[str, _Rows]:
    found: dict[str, list[tuple[OperatorShape, float, float, int]]] = {}
    for number, network in enumerate(networks):
        for shape, value in zip(network.operators, network.values, strict=True):
            weight = 1 / (value + SMALL_SHARE * network.whole)
            found.setdefault(shape.kind, []).append((shape, value, weight, number))
    return {kind: _rows(rows) for kind, rows in sorted(found.items())}


def _rows(rows: list[tuple[OperatorShape, float, float, int]]) -> _Rows:
    shapes, values, weights, networks = zip(*rows, strict=True)
    return _Rows(list(shapes), np.array(values), np.array(weights), np.array(networks))


def _fit_kind(rows: _Rows) -> KindModel:
    """Take the form with the lowest error on held-out networks, and fit it to all rows."""
    errors = {form: _form_error(form, rows) for form in (FORMS if len(rows.shapes) >= FEW else FORMS[:1])}
    form = min(errors, key=lambda name: errors[name])
    work, moved = [shape.work for shape in rows.shapes], [shape.bytes_moved for shape in rows.shapes]
    return KindModel(
        form=form,
        parameters=fit_form(form, rows.shapes, rows.values, rows.weights),
        work_range=(min(work), max(work)),
        bytes_range=(min(moved), max(moved)),
        operators=len(rows.shapes),
        held_out_error=errors[form],
    )


def _form_error(form: str, rows: _Rows) -> float:
    """Mean weighted error of a form on operators of networks that the fit has not seen."""
    names = np.unique(rows.networks)
    errors = []
    for fold in _folds([True] * len(names), min(FORM_FOLDS, len(names))):
        tested = np.isin(rows.networks, names[sorted(fold)])
        seen = np.flatnonzero(~tested) if not tested.all() else np.arange(len(tested))
        shapes = [rows.shapes[i] for i in seen]
        parameters = fit_form(form, shapes, rows.values[seen], rows.weights[seen])
        predicted = predict_form(form, parameters, [rows.shapes[i] for i in np.flatnonzero(tested)])
        errors.append(np.abs(predicted - rows.values[tested]) * rows.weights[tested])
    return float(np.mean(np.concatenate(errors)))


def _folds(eligible: Sequence[bool], count: int) -> list[set[int]]:
    """Split the positions that are eligible into `count` folds, at random by a fixed seed."""
    positions = np.random.default_rng(0).permutation(np.flatnonzero(eligible))
    return [set(map(int, positions[start::count])) for start in range(count)]
