"""Pareto fronts as pure functions on arrays of losses; everything is minimised."""

import numpy as np


def pareto_mask(losses: np.ndarray) -> np.ndarray:
    """Return which points no other point dominates.

    A point dominates another if it is at most as large in every loss and smaller in one. Equal points do not
    dominate each other, so duplicates on the front are all kept. Infinities are ordinary values.

    Args:
        losses: float (n, m).

    Returns:
        bool (n,); empty for n = 0.

    Raises:
        ValueError: a loss is NaN, or `losses` is not two-dimensional.

    Example:
        >>> pareto_mask(np.array([[0.1, 8.0], [0.2, 6.0], [0.3, 7.0]])).tolist()
        [True, True, False]
    """
    return ~_dominated_by(checked_losses(losses)).any(axis=1)


def nondomination_rank(losses: np.ndarray) -> np.ndarray:
    """Rank points by peeling off one front after the other.

    Args:
        losses: float (n, m).

    Returns:
        int (n,): 0 on the Pareto front, 1 on the front of the rest, and so on.

    Raises:
        ValueError: as `pareto_mask`.

    Example:
        >>> nondomination_rank(np.array([[0.1, 8.0], [0.2, 6.0], [0.3, 7.0], [0.4, 9.0]])).tolist()
        [0, 0, 1, 2]
    """
    dominated_by = _dominated_by(checked_losses(losses))
    ranks = np.full(len(dominated_by), -1)
    rank = 0
    while (left := ranks < 0).any():
        ranks[left & ~dominated_by[:, left].any(axis=1)] = rank
        rank += 1
    return ranks


def crowding_distance(losses: np.ndarray) -> np.ndarray:
    """Return how far the neighbours of each point on one front are apart: its crowding distance.

    Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", section III-B. A loss
    that is equal for all points, or infinite somewhere, adds nothing.

    Args:
        losses: float (n, m).

    Returns:
        float (n,): a sum over losses, each scaled to 0..1; infinite at the ends of each loss.

    Raises:
        ValueError: as `pareto_mask`.

    Example:
        >>> crowding_distance(np.array([[0.0, 3.0], [1.0, 2.0], [3.0, 0.0]])).tolist()
        [inf, 2.0, inf]
    """
    losses = checked_losses(losses)
    distance = np.zeros(len(losses))
    if len(losses) == 0:
        return distance
    for column in losses.T:
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        with np.errstate(invalid="ignore"):
            spread = ordered[-1] - ordered[0]
        distance[order[[0, -1]]] = np.inf
        if 0 < spread < np.inf:
            distance[order[1:-1]] += (ordered[2:] - ordered[:-2]) / spread
    return distance


def _dominated_by(losses: np.ndarray) -> np.ndarray:
    """Return bool (n, n): whether row i is dominated by row j. Loss by loss, so that no (n, n, m) array is made."""
    no_worse = np.ones((len(losses), len(losses)), dtype=bool)
    better = np.zeros_like(no_worse)
    for column in losses.T:
        no_worse &= column[None, :] <= column[:, None]
        better |= column[None, :] < column[:, None]
    return no_worse & better


def checked_losses(losses: np.ndarray) -> np.ndarray:
    """Return `losses` as float64 (n, m), or raise ValueError."""
    losses = np.asarray(losses, dtype=np.float64)
    if losses.ndim != 2:
        raise ValueError(f"losses must have shape (n, m). Received shape {losses.shape}.")
    if np.isnan(losses).any():
        raise ValueError(f"losses must not be NaN. Received NaN in rows {np.flatnonzero(np.isnan(losses).any(1))}.")
    return losses
