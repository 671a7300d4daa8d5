"""The loss of `tfkws.training.losses` and its gradient by the logits, in NumPy."""

import numpy as np

from tfkws.config import TrainConfig


def loss_and_gradient(
    logits: np.ndarray, targets: np.ndarray, config: TrainConfig, teacher: np.ndarray | None = None
) -> tuple[float, np.ndarray]:
    """Return the mean loss of `tfkws.training.losses` and its gradient by the logits, all of shape (b, n)."""
    smoothed = targets * (1 - config.label_smoothing) + config.label_smoothing / targets.shape[1]
    loss, gradient = _cross_entropy(logits, smoothed)
    if teacher is not None:
        weight, heat = config.distillation_weight, config.distillation_temperature
        softened = np.exp(log_softmax(teacher / heat))
        soft, soft_gradient = _cross_entropy(logits / heat, softened)
        loss = (1 - weight) * loss + weight * heat**2 * soft
        gradient = (1 - weight) * gradient + weight * heat * soft_gradient
    return float(loss.mean()), (gradient / len(logits)).astype(np.float32)


def _cross_entropy(logits: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    logarithms = log_softmax(logits)
    total = targets.sum(axis=1, keepdims=True)
    return -(targets * logarithms).sum(axis=1), total * np.exp(logarithms) - targets


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithms of the softmax over the last axis, of the shape and dtype of the logits (b, n)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logarithms: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithms
