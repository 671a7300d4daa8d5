"""The loss in NumPy, against Keras' losses and TensorFlow's gradients."""

import numpy as np
import pytest
import tensorflow as tf  # noqa: TID253

from tfkws.config import TrainConfig
from tfkws.training.losses import cross_entropy, distillation
from tfkws.training.native.loss import loss_and_gradient


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("taught", [False, True])
def test_loss_and_gradient_are_those_of_keras(smoothing: float, taught: bool, rng: np.random.Generator) -> None:
    config = TrainConfig(label_smoothing=smoothing, distillation_weight=0.3, distillation_temperature=2.5)
    logits, teacher = (rng.normal(0, 3, size=(7, 5)).astype(np.float32) for _ in range(2))
    targets = rng.dirichlet(np.ones(5), size=7).astype(np.float32)
    loss = distillation(smoothing, 0.3, 2.5) if taught else cross_entropy(smoothing)
    with tf.GradientTape() as tape:
        student = tf.constant(logits)
        tape.watch(student)
        wanted = tf.reduce_mean(loss(np.concatenate([targets, teacher], axis=1) if taught else targets, student))
    value, gradient = loss_and_gradient(logits, targets, config, teacher if taught else None)
    assert value == pytest.approx(float(wanted), rel=1e-5)
    np.testing.assert_allclose(gradient, tape.gradient(wanted, student), atol=1e-6)
    assert gradient.dtype == np.float32
