"""The loss on logits: cross-entropy with smoothing, and distillation from a teacher's logits."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np


def cross_entropy(label_smoothing: float) -> Any:
    """Return the loss between one-hot (or mixed) targets and logits, both of shape (b, n).

    Args:
        label_smoothing: share 0..1 of each target that is spread over all classes.
    """
    return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing)


def distillation(label_smoothing: float, weight: float, temperature: float) -> Callable[[Any, Any], Any]:
    """Return the loss for targets (b, 2n) that hold one-hot labels and the teacher's logits side by side.

    (1 - weight) * CE(labels, student) + weight * T^2 * CE(softmax(teacher / T), student / T);
    Hinton, Vinyals and Dean, arXiv:1503.02531, section 2. T^2 keeps the gradients' size independent of T.

    Args:
        label_smoothing: share 0..1, of the labels alone.
        weight: of the teacher, 0..1.
        temperature: T, above 0.

    Returns:
        A function of targets (b, 2n) and logits, of shape (b, n).
    """
    hard = cross_entropy(label_smoothing)
    soft = cross_entropy(0.0)

    def loss(targets: Any, logits: Any) -> Any:
        labels, teacher = keras.ops.split(targets, 2, axis=-1)
        softened = keras.ops.softmax(teacher / temperature)
        return (1 - weight) * hard(labels, logits) + weight * temperature**2 * soft(softened, logits / temperature)

    return loss


def one_hot(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """One-hot float32 (b, n) of int labels (b,)."""
    return np.eye(num_classes, dtype=np.float32)[labels]


def mixup(
    features: np.ndarray, targets: np.ndarray, alpha: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mix each example with another one, by a share drawn from Beta(alpha, alpha); arXiv:1710.09412, equation 1.

    Args:
        features: float32 (b, h, w, c).
        targets: float32 (b, n).
    """
    share = rng.beta(alpha, alpha, size=len(features)).astype(np.float32)
    order = rng.permutation(len(features))
    wide = share.reshape(-1, *[1] * (features.ndim - 1))
    narrow = share[:, None]
    return wide * features + (1 - wide) * features[order], narrow * targets + (1 - narrow) * targets[order]
