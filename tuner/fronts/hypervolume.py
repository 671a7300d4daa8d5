"""The hypervolume of points, which is the volume that they dominate up to a reference, and its expected gain."""

import math

import numpy as np

from tfkws.tuner.fronts.pareto import checked_losses, pareto_mask


def hypervolume(losses: np.ndarray, reference: np.ndarray) -> float:
    """Return the volume of the points that some row of `losses` dominates and that dominate `reference`.

    Rows that are not below the reference in every loss add nothing. No points: 0. A loss of -inf: infinite.

    Args:
        losses: float (n, m), minimised, m >= 1.
        reference: float (m,), finite.

    Raises:
        ValueError: a loss is NaN, the reference is not finite, or the shapes do not fit.

    Example:
        >>> hypervolume(np.array([[0.25, 0.5], [0.5, 0.25]]), np.array([1.0, 1.0]))
        0.5
    """
    losses, reference = checked_losses(losses), np.asarray(reference, dtype=np.float64)
    if reference.shape != losses.shape[1:] or not np.isfinite(reference).all():
        raise ValueError(f"reference must be {losses.shape[1]} finite numbers. Received {reference}.")
    inside = losses[(losses < reference).all(axis=1)]
    if len(inside) == 0:
        return 0.0
    if np.isneginf(inside).any():
        return math.inf
    front = np.unique(inside[pareto_mask(inside)], axis=0)  # sorted by the first loss
    return _VOLUMES.get(front.shape[1], _wfg)(front, reference)


def _volume_1d(front: np.ndarray, reference: np.ndarray) -> float:
    return float(reference[0] - front[0, 0])


def _volume_2d(front: np.ndarray, reference: np.ndarray) -> float:
    """Sum of vertical strips; on a front sorted by the first loss the second one falls."""
    widths = np.append(front[1:, 0], reference[0]) - front[:, 0]
    return float(widths @ (reference[1] - front[:, 1]))


def _volume_3d(front: np.ndarray, reference: np.ndarray) -> float:
    """Sum of slabs between consecutive third losses, each a two-dimensional hypervolume times its height."""
    front = front[np.argsort(front[:, 2], kind="stable")]
    heights = np.append(front[1:, 2], reference[2]) - front[:, 2]
    areas = (hypervolume(front[: i + 1, :2], reference[:2]) if heights[i] > 0 else 0.0 for i in range(len(front)))
    return float(sum(area * height for area, height in zip(areas, heights, strict=True)))


def _wfg(front: np.ndarray, reference: np.ndarray) -> float:
    """Sum of exclusive volumes; While, Bradstreet and Barone 2012, "A fast way of calculating exact hypervolumes"."""
    total = 0.0
    for i, point in enumerate(front):
        limited = np.maximum(front[i + 1 :], point)
        total += float(np.prod(reference - point)) - hypervolume(limited, reference)
    return total


_VOLUMES = {1: _volume_1d, 2: _volume_2d, 3: _volume_3d}


def expected_gain(
    front: np.ndarray, reference: np.ndarray, draws: np.ndarray, weights: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Return the expected gain in hypervolume of candidates whose first loss is uncertain and whose others are known.

    The gain of a point is an integral over the known losses behind it of (front's first loss there - its
    own)+, so the expectation is the same integral of expected improvements. Exact for any m: cells of the
    grid spanned by the front.

    Args:
        front: float (n, m) losses so far (dominated rows do no harm), n may be 0.
        reference: float (m,).
        draws: float (k, q), values that the first loss of each candidate may take.
        weights: float (q,), their probabilities.
        known: float (k, m - 1), the other losses of each candidate.

    Returns:
        float (k,), at least 0.

    Example:
        >>> nothing, half = np.zeros((0, 2)), np.full(2, 0.5)
        >>> expected_gain(nothing, np.ones(2), np.array([[0.2, 0.4]]), half, np.array([[0.5]])).round(3).tolist()
        [0.35]
    """
    front, reference = checked_losses(front), np.asarray(reference, dtype=np.float64)
    if known.shape[1] == 0:
        return np.clip(front[:, 0].min(initial=reference[0]) - draws, 0.0, None) @ weights
    if len(known) == 0:
        return np.zeros(0)
    corners, sizes, attained = _cells(front, reference, known.min(axis=0))
    overlap = np.clip(corners + sizes - np.maximum(corners, known[:, None, :]), 0.0, None).prod(axis=2)
    return sum(
        weight * (overlap * np.clip(attained - values[:, None], 0.0, None)).sum(axis=1)
        for weight, values in zip(weights, draws.T, strict=True)
    )


def _cells(front: np.ndarray, reference: np.ndarray, floor: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split the known losses between `floor` and the reference into boxes where the front's first loss is constant.

    Returns:
        (corners, sizes, attained): (c, m - 1) lower corners, (c, m - 1) edge lengths, (c,) the lowest first
        loss that the front attains at known losses no larger than the corner, the reference's where it
        attains none.
    """
    inside = front[(front < reference).all(axis=1)]
    floor = np.minimum(floor, reference[1:])
    edges = [
        np.unique(np.append(np.maximum(inside[:, j + 1], floor[j]), [floor[j], reference[j + 1]]))
        for j in range(len(floor))
    ]
    corners = np.stack(np.meshgrid(*[e[:-1] for e in edges], indexing="ij"), axis=-1).reshape(-1, len(edges))
    sizes = np.stack(np.meshgrid(*[np.diff(e) for e in edges], indexing="ij"), axis=-1).reshape(-1, len(edges))
    reached = (inside[None, :, 1:] <= corners[:, None, :]).all(axis=2)
    attained = np.where(reached, inside[None, :, 0], reference[0]).min(axis=1, initial=reference[0])
    return corners, sizes, attained
