"""One optimiser step, against the update rule worked out by hand on a network of one layer."""

from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest

from tfkws.config import TrainConfig
from tfkws.training.learner import KERAS_STEP, Learner, make_optimizer
from tfkws.training.losses import one_hot

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(6, 2, 2, 1)).astype(np.float32)
LABELS = np.array([0, 1, 2, 0, 1, 2])
SGD = TrainConfig(optimizer="sgd", learning_rate=1.0, iterations=2)


def linear_network() -> Any:
    """Logits are a linear function of the four numbers of a map."""
    inputs = keras.Input((2, 2, 1))
    logits = keras.layers.Dense(3, name="logits")(keras.layers.Flatten()(inputs))
    network = keras.Model(inputs, keras.layers.Softmax(name="probabilities")(logits))
    network.set_weights([np.arange(12, dtype=np.float32).reshape(4, 3) / 10, np.zeros(3, np.float32)])
    return network


def after_one_step(kernel: np.ndarray, bias: np.ndarray, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Gradient descent on softmax cross-entropy: the gradient by the logits is (probabilities - targets) / b."""
    flat = FEATURES.reshape(6, 4)
    scores = np.exp(flat @ kernel + bias)
    error = (scores / scores.sum(axis=1, keepdims=True) - one_hot(LABELS, 3)) / 6
    return kernel - rate * flat.T @ error, bias - rate * error.sum(axis=0)


def test_a_step_of_plain_descent_is_the_formula_at_the_rate_given() -> None:
    network = linear_network()
    kernel, bias = network.get_weights()
    expected = after_one_step(kernel, bias, rate=0.3)
    learner = Learner(network, SGD)
    learner.step(0, 0.3, FEATURES, LABELS)
    for weight, wanted in zip(learner.model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(weight, wanted, atol=1e-6)


def test_the_loss_of_a_step_is_the_cross_entropy_of_its_batch_alone() -> None:
    learner = Learner(linear_network(), SGD)
    learner.start_epoch()
    for iteration, batch in enumerate((slice(0, 2), slice(2, 6))):
        kernel, bias = learner.model.get_weights()
        scores = np.exp(FEATURES[batch].reshape(-1, 4) @ kernel + bias)
        probabilities = scores / scores.sum(axis=1, keepdims=True)
        expected = -np.log(probabilities[np.arange(len(scores)), LABELS[batch]]).mean()
        assert learner.step(iteration, 0.3, FEATURES[batch], LABELS[batch]) == pytest.approx(expected, rel=1e-5)


def test_a_restored_state_goes_on_bit_identically() -> None:
    config = TrainConfig(optimizer="adam", mixup_alpha=0.2)
    first = Learner(linear_network(), config)
    first.step(0, 0.1, FEATURES, LABELS)
    second = Learner(linear_network(), config)
    second.set_state(first.state())
    for learner in (first, second):
        learner.start_epoch()
        learner.step(1, 0.1, FEATURES, LABELS)
    for one, other in zip(first.state(), second.state(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_averaged_weights_are_the_moving_average_and_leave_the_current_ones() -> None:
    """Keras begins the average with the weights after the first step."""
    plain = Learner(linear_network(), SGD)
    averaging = Learner(linear_network(), TrainConfig(optimizer="sgd", average_decay=0.75))
    kernels = []
    for iteration in range(2):
        for learner in (plain, averaging):
            learner.step(iteration, 0.3, FEATURES, LABELS)
        kernels.append(plain.averaged_weights()[0])
    np.testing.assert_allclose(averaging.averaged_weights()[0], 0.75 * kernels[0] + 0.25 * kernels[1], atol=1e-6)
    np.testing.assert_allclose(averaging.model.get_weights()[0], kernels[1], atol=1e-6)


def test_a_network_without_kernels_of_its_own_learns_by_keras_and_says_why() -> None:
    inputs = keras.Input((2, 2, 1))
    logits = keras.layers.Dense(3, name="logits")(keras.layers.LayerNormalization()(keras.layers.Flatten()(inputs)))
    learner = Learner(keras.Model(inputs, keras.layers.Softmax(name="probabilities")(logits)), SGD)
    assert learner.step_kind.startswith("keras: ") and "LayerNormalization" in learner.step_kind
    before = learner.model.get_weights()
    learner.step(0, 0.3, FEATURES, LABELS)
    assert any((one != other).any() for one, other in zip(before, learner.model.get_weights(), strict=True))


def test_keras_own_step_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Learner(linear_network(), SGD).step_kind == "compiled"
    monkeypatch.setenv(KERAS_STEP, "1")
    assert Learner(linear_network(), SGD).step_kind == f"keras: {KERAS_STEP} is set"


def test_weights_that_are_changed_between_steps_are_learned_from() -> None:
    learner = Learner(linear_network(), SGD)
    learner.step(0, 0.3, FEATURES, LABELS)
    kernel, bias = linear_network().get_weights()
    learner.model.set_weights([kernel, bias])
    learner.step(1, 0.3, FEATURES, LABELS)
    for weight, wanted in zip(learner.model.get_weights(), after_one_step(kernel, bias, rate=0.3), strict=True):
        np.testing.assert_allclose(weight, wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("adam", keras.optimizers.Adam), ("adamw", keras.optimizers.AdamW), ("sgd", keras.optimizers.SGD)],
)
def test_a_recipe_chooses_its_optimiser(name: Any, kind: Any) -> None:
    optimizer: Any = make_optimizer(TrainConfig(optimizer=name, weight_decay=0.01, momentum=0.9))
    assert type(optimizer) is kind
    assert optimizer.weight_decay == 0.01
    assert getattr(optimizer, "momentum", 0.9) == 0.9
