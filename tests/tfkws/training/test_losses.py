"""The losses against their formulas written out in NumPy."""

import numpy as np
import pytest

from tfkws.training.losses import cross_entropy, distillation, mixup, one_hot

RNG = np.random.default_rng(0)
LABELS = np.array([2, 0, 1, 2])
LOGITS = RNG.normal(size=(4, 3)).astype(np.float32)
TEACHER = RNG.normal(size=(4, 3)).astype(np.float32)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    wide = logits.astype(np.float64)
    return np.asarray(wide - np.log(np.exp(wide).sum(axis=1, keepdims=True)))


def mean_cross_entropy(targets: np.ndarray, logits: np.ndarray) -> float:
    return float(-(targets * log_softmax(logits)).sum(axis=1).mean())


def test_labels_become_rows_of_the_identity() -> None:
    rows = one_hot(LABELS, 3)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_smoothing_spreads_a_share_over_all_classes(smoothing: float) -> None:
    targets = one_hot(LABELS, 3)
    expected = mean_cross_entropy((1 - smoothing) * targets + smoothing / 3, LOGITS)
    assert float(cross_entropy(smoothing)(targets, LOGITS)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("weight", "temperature"), [(0.0, 2.0), (1.0, 1.0), (0.25, 4.0)])
def test_distillation_is_the_formula_of_hinton_and_others(weight: float, temperature: float) -> None:
    targets = np.concatenate([one_hot(LABELS, 3), TEACHER], axis=1)
    hard = mean_cross_entropy(one_hot(LABELS, 3), LOGITS)
    soft = mean_cross_entropy(np.exp(log_softmax(TEACHER / temperature)), LOGITS / temperature)
    expected = (1 - weight) * hard + weight * temperature**2 * soft
    assert float(distillation(0.0, weight, temperature)(targets, LOGITS)) == pytest.approx(expected, rel=1e-5)


def test_mixup_mixes_maps_and_targets_by_the_same_share() -> None:
    """Each map holds its own one-hot target, so after mixing it must still hold it."""
    targets = one_hot(np.arange(16), 16)
    features = np.tile(targets[:, None, :, None], (1, 2, 1, 1))
    mixed, mixed_targets = mixup(features, targets, 0.4, np.random.default_rng(1))
    np.testing.assert_allclose(mixed[:, 0, :, 0], mixed_targets, atol=1e-6)
    np.testing.assert_allclose(mixed_targets.sum(axis=1), 1, atol=1e-6)
    assert (mixed_targets > 0).sum(axis=1).max() == 2
    assert not np.array_equal(mixed_targets, targets)


def test_shares_of_mixup_follow_the_beta_distribution() -> None:
    """Beta(a, a) has mean 1/2 and variance 1 / (4 (2a + 1))."""
    count = 4_000
    features = np.zeros((count, 1, 1, 1), np.float32)
    targets = np.zeros((count, count), np.float32)
    np.fill_diagonal(targets, 1)
    _, mixed = mixup(features, targets, 0.5, np.random.default_rng(2))
    share = np.diag(mixed)
    assert share.mean() == pytest.approx(0.5, abs=0.02)
    assert share.var() == pytest.approx(1 / 8, abs=0.01)
