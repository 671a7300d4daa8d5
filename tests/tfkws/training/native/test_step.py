"""Compiled steps beside Keras: gradients of every geometry in float64, steps of every optimiser, whole networks."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras  # noqa: TID253
import numpy as np
import pytest
import tensorflow as tf  # noqa: TID253
from small_networks import small_network

from tfkws.config import TrainConfig
from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
from tfkws.models.sub_spectral_norm import SubSpectralNormalization
from tfkws.training.learner import KERAS_STEP, Learner
from tfkws.training.losses import cross_entropy, one_hot
from tfkws.training.native import step as native_step
from tfkws.training.native.step import CLIPS_ANSWERED

layers = keras.layers
DESCENT = TrainConfig(optimizer="sgd", iterations=100)
TRACED = 10  # steps from which on a graph of them pays


def network_of(body: Callable[[Any], Any], shape: tuple[int, int, int], dtype: str = "float32") -> Any:
    """A convolution, what is tested, one more and a dense layer; no activations, which rounding could switch."""
    inputs = keras.Input(shape, dtype=dtype)
    x = layers.Conv2D(6, 1, use_bias=False, dtype=dtype)(inputs)
    x = layers.Conv2D(5, (1, 2), padding="same", dtype=dtype)(body(x))
    x = layers.GlobalAveragePooling2D(dtype=dtype)(layers.Add(dtype=dtype)([x, x]))
    logits = layers.Dense(3, name="logits", dtype=dtype)(x)
    return keras.Model(inputs, layers.Softmax(name="probabilities", dtype=dtype)(logits))


def gradients_in_float64(
    build: Callable[[str], Any], weights: list[np.ndarray], maps: Any, labels: Any
) -> list[np.ndarray]:
    """TensorFlow's gradients of the mean cross-entropy by all weights."""
    network = build("float64")
    network.set_weights(weights)
    logits = keras.Model(network.input, network.get_layer("logits").output)
    with tf.GradientTape() as tape:
        loss = cross_entropy(0.1)(one_hot(labels, 3).astype(np.float64), logits(maps.astype(np.float64), training=True))
    return [np.asarray(one) for one in tape.gradient(loss, network.trainable_variables)]


def gradients_of_a_step(network: Any, maps: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """What plain descent at rate 1 takes from each weight."""
    learner = Learner(network, TrainConfig(optimizer="sgd", label_smoothing=0.1, iterations=9))
    assert learner.step_kind == "compiled"
    before = [np.array(variable) for variable in network.trainable_variables]
    learner.step(0, 1.0, maps, labels)
    return [one - np.array(variable) for one, variable in zip(before, learner.model.trainable_variables, strict=True)]


def broadcast(dtype: str) -> Any:
    """Adds to every row the mean of all rows."""
    inputs = keras.Input((5, 4, 6), dtype=dtype)
    mean = layers.AveragePooling2D((5, 1), dtype=dtype)(inputs)
    return keras.Model(inputs, layers.Add(dtype=dtype)([inputs, mean]))


CONVOLUTIONS: dict[str, tuple[tuple[int, int], Callable[[str], Any]]] = {
    "3 x 3": ((5, 4), lambda d: layers.Conv2D(7, 3, padding="same", dtype=d)),
    "many filters": ((4, 3), lambda d: layers.Conv2D(23, (2, 3), padding="same", use_bias=False, dtype=d)),
    "even, valid": ((6, 5), lambda d: layers.Conv2D(4, (2, 4), padding="valid", dtype=d)),
    "strided": ((7, 6), lambda d: layers.Conv2D(8, 3, (2, 3), padding="same", dtype=d)),
    "strided, valid": ((9, 8), lambda d: layers.Conv2D(8, (4, 2), (3, 2), padding="valid", dtype=d)),
    "strided rows": ((8, 5), lambda d: layers.Conv2D(3, (5, 1), (2, 1), padding="same", dtype=d)),
    "1 x 1, strided": ((6, 6), lambda d: layers.Conv2D(9, 1, 2, padding="same", use_bias=False, dtype=d)),
    "dilated": ((9, 7), lambda d: layers.Conv2D(5, (3, 2), padding="same", dilation_rate=(2, 3), dtype=d)),
    "groups": ((5, 5), lambda d: layers.Conv2D(12, 3, padding="same", groups=3, dtype=d)),
    "over time": ((20, 1), lambda d: layers.Conv2D(16, (9, 1), padding="same", use_bias=False, dtype=d)),
    "depthwise": ((6, 5), lambda d: layers.DepthwiseConv2D(3, padding="same", dtype=d)),
    "depthwise over time": ((21, 1), lambda d: layers.DepthwiseConv2D((13, 1), padding="same", dtype=d)),
    "depthwise, strided": ((7, 8), lambda d: layers.DepthwiseConv2D((3, 4), 2, padding="same", dtype=d)),
    "depthwise, dilated": (
        (30, 1),
        lambda d: layers.DepthwiseConv2D((7, 1), padding="same", dilation_rate=(2, 1), dtype=d),
    ),
    "depthwise, multiplied": (
        (5, 5),
        lambda d: layers.DepthwiseConv2D((3, 2), padding="valid", depth_multiplier=3, dtype=d),
    ),
    "silu": ((4, 5), lambda d: layers.Activation("silu", dtype=d)),
    "sigmoid": ((4, 5), lambda d: layers.Activation("sigmoid", dtype=d)),
    "averaged": ((6, 5), lambda d: layers.AveragePooling2D((6, 1), dtype=d)),
    "averaged in windows": ((6, 5), lambda d: layers.AveragePooling2D((2, 3), (2, 2), dtype=d)),
    "normalised in bands": ((5, 4), lambda d: SubSpectralNormalization(2, dtype=d)),
    "strided rows of our own": ((5, 4), lambda d: StridedRowsDepthwiseConv2D(dtype=d)),
    "strided rows of an even map": ((6, 4), lambda d: StridedRowsDepthwiseConv2D(dtype=d)),
    "broadcast": ((5, 4), broadcast),
    "normalised": ((4, 5), lambda d: layers.BatchNormalization(dtype=d)),
    "padded": ((4, 5), lambda d: layers.ZeroPadding2D(((1, 2), (0, 3)), dtype=d)),
    "moved": (
        (4, 5),
        lambda d: keras.Sequential([layers.Permute((2, 1, 3), dtype=d), layers.Reshape((10, 2, 6), dtype=d)]),
    ),
}


@pytest.mark.parametrize("clips", [3, 50])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_gradients_are_tensorflow_s_in_float64(name: str, clips: int, rng: np.random.Generator) -> None:
    size, make = CONVOLUTIONS[name]

    def build(dtype: str) -> Any:
        return network_of(make(dtype), (*size, 2), dtype)

    maps, labels = rng.normal(size=(clips, *size, 2)).astype(np.float32), rng.integers(0, 3, clips)
    network = build("float32")
    weights = [rng.normal(0.3, 0.5, value.shape).astype(np.float32) for value in network.get_weights()]
    network.set_weights([np.abs(value) for value in weights])
    expected = gradients_in_float64(build, network.get_weights(), maps, labels)
    for found, wanted in zip(gradients_of_a_step(network, maps, labels), expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=3e-6 * max(1.0, np.abs(wanted).max() * 10), rtol=2e-4)


def both_ways(
    network: Callable[[], Any], config: TrainConfig, steps: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[Learner, Learner, list[tuple[float, float]]]:
    """Two learners of equal networks after the same steps, compiled and Keras' own, and their losses.

    To trace Keras' step takes as long as many steps without a graph.
    """
    learners = []
    for own in ("0", "1"):
        monkeypatch.setenv(KERAS_STEP, own)
        keras.utils.set_random_seed(3)
        learners.append(Learner(network(), config))
    compiled, own_steps = learners
    own_steps._logits.run_eagerly = steps < TRACED
    assert compiled.step_kind == "compiled" and own_steps.step_kind != "compiled"
    rng = np.random.default_rng(5)
    losses = []
    for iteration in range(steps):
        maps = rng.normal(size=(10, *compiled.model.input_shape[1:])).astype(np.float32)
        labels = rng.integers(0, compiled.model.output_shape[-1], 10)
        rate = 0.01 / (1 + iteration)
        for learner in learners:
            learner.start_epoch()
        losses.append((compiled.step(iteration, rate, maps, labels), own_steps.step(iteration, rate, maps, labels)))
    return compiled, own_steps, losses


def tiny() -> Any:
    """A network whose gradients are far from zero."""
    inputs = keras.Input((6, 5, 1))
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    x = layers.Dense(3, name="logits")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(x))


@pytest.mark.parametrize(
    "config",
    [
        TrainConfig(optimizer="adam", label_smoothing=0.1, mixup_alpha=0.3),
        TrainConfig(optimizer="adamw", weight_decay=0.1, average_decay=0.9),
        TrainConfig(optimizer="sgd", momentum=0.9, weight_decay=0.01, average_decay=0.5),
        TrainConfig(optimizer="sgd"),
    ],
    ids=lambda config: f"{config.optimizer}-{config.momentum}",
)
def test_every_optimiser_steps_as_keras_does(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights, moments, averages, counters and rates: everything that a checkpoint holds."""
    compiled, own, losses = both_ways(tiny, config, 20, monkeypatch)
    np.testing.assert_allclose([one for one, _ in losses], [other for _, other in losses], rtol=1e-5)
    for found, wanted in zip(compiled.state(), own.state(), strict=True):
        assert found.dtype == wanted.dtype and found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=2e-6)
    for found, wanted in zip(compiled.averaged_weights(), own.averaged_weights(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=2e-6)


@pytest.mark.parametrize(
    ("family", "steps"), [("seed_cnn", 20), ("ds_cnn", 20), ("tc_resnet", 20), ("matchboxnet", 20), ("bc_resnet", 2)]
)
def test_networks_learn_as_by_keras(family: str, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running statistics and draws of dropout included; rounding may switch a ReLU, so weights agree less closely."""
    compiled, own, losses = both_ways(lambda: small_network(family), DESCENT, steps, monkeypatch)
    np.testing.assert_allclose([one for one, _ in losses], [other for _, other in losses], rtol=1e-4)
    for found, wanted in zip(compiled.state(), own.state(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("decay", [0.9, 0.0])
@pytest.mark.parametrize("family", ["seed_cnn", "ds_cnn", "tc_resnet", "matchboxnet", "bc_resnet"])
def test_networks_are_judged_as_by_keras(family: str, decay: float, rng: np.random.Generator) -> None:
    """By averaged weights and running statistics, without dropout, for more clips than are answered at once."""
    learner = Learner(small_network(family), TrainConfig(optimizer="adamw", average_decay=decay))
    shape = learner.model.input_shape[1:]
    for iteration in range(3):
        maps = rng.normal(1, 2, size=(10, *shape)).astype(np.float32)
        learner.step(iteration, 0.01, maps, rng.integers(0, 4, 10))
    before, clips = learner.state(), rng.normal(size=(CLIPS_ANSWERED + 7, *shape)).astype(np.float32)
    answers, kept = learner.judged(clips)
    assert learner.step_kind == "compiled" and answers.dtype == np.float32
    for found, wanted in zip(learner.state(), before, strict=True):
        np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(learner.judged(clips[-9:])[0], answers[-9:])
    for found, wanted in zip(kept, learner.averaged_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)
    learner.model.set_weights(kept)
    np.testing.assert_allclose(answers, np.asarray(learner.model(clips, training=False)), atol=2e-6)


def test_a_network_without_kernels_is_judged_by_keras(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setenv(KERAS_STEP, "1")
    learner = Learner(tiny(), TrainConfig(optimizer="adamw", average_decay=0.9))
    clips = rng.normal(size=(5, 6, 5, 1)).astype(np.float32)
    learner.step(0, 0.1, clips, np.arange(5) % 3)
    learner.step(1, 0.1, clips, np.arange(5) % 3)
    own, (answers, kept) = learner.model.get_weights(), learner.judged(clips)
    for found, wanted in zip(learner.model.get_weights(), own, strict=True):
        np.testing.assert_array_equal(found, wanted)
    learner.model.set_weights(kept)
    np.testing.assert_allclose(answers, np.asarray(learner.model(clips)), atol=1e-6)


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    states = []
    config = TrainConfig(optimizer="adamw", weight_decay=0.1, average_decay=0.9)
    for threads in (1, 2, 3):
        monkeypatch.setattr(native_step, "processors", partial(int, threads))
        keras.utils.set_random_seed(0)
        learner = Learner(small_network("matchboxnet"), config)
        rng = np.random.default_rng(0)
        for iteration in range(3):
            learner.step(iteration, 0.01, rng.normal(size=(20, 8, 20, 1)).astype(np.float32), rng.integers(0, 4, 20))
        states.append(learner.state())
    for one, two, three in zip(*states, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


def test_a_step_goes_on_from_a_state_in_the_middle_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dropout draws what it would have drawn."""
    config = TrainConfig(optimizer="adamw", weight_decay=0.1, average_decay=0.9, mixup_alpha=0.2)
    rng = np.random.default_rng(0)
    batches = [(rng.normal(size=(10, 16, 8, 1)).astype(np.float32), rng.integers(0, 4, 10)) for _ in range(6)]
    whole, first, second = (Learner(small_network("ds_cnn"), config) for _ in range(3))
    first.set_state(whole.state())
    for iteration, batch in enumerate(batches):
        whole.step(iteration, 0.01, *batch)
    for iteration, batch in enumerate(batches[:3]):
        first.step(iteration, 0.01, *batch)
    second.set_state(first.state())
    for iteration, batch in enumerate(batches[3:], start=3):
        second.step(iteration, 0.01, *batch)
    for one, other in zip(whole.state(), second.state(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_teacher_s_answers_are_learned_as_by_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    keras.utils.set_random_seed(9)
    teacher = tiny()
    config = TrainConfig(optimizer="sgd", distillation_weight=0.7, distillation_temperature=3.0, label_smoothing=0.1)
    states, losses = [], []
    for own in ("0", "1"):
        monkeypatch.setenv(KERAS_STEP, own)
        keras.utils.set_random_seed(3)
        learner = Learner(tiny(), config, teacher)
        rng = np.random.default_rng(5)
        losses.append(learner.step(0, 0.5, rng.normal(size=(10, 6, 5, 1)).astype(np.float32), rng.integers(0, 3, 10)))
        states.append(learner.state())
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for found, wanted in zip(*states, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


STEPS_ON_JAX = """
from tfkws import lean_imports
lean_imports.install()
import keras, numpy, sys
sys.path.insert(0, sys.argv[1])
from small_networks import small_network
from tfkws.config import TrainConfig
from tfkws.training.learner import Learner
learner = Learner(small_network("ds_cnn"), TrainConfig(optimizer="adamw", average_decay=0.9))
learner.step(0, 0.01, numpy.ones((4, 16, 8, 1), numpy.float32), numpy.arange(4))
learner.set_state(learner.state())
print(keras.backend.backend(), learner.step_kind, len(learner.averaged_weights()), "tensorflow" in sys.modules)
"""


def test_a_step_is_compiled_under_keras_on_jax_too() -> None:
    pytest.importorskip("jax")
    fakes = Path(__file__).parents[3] / "fakes"
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    command = [sys.executable, "-c", STEPS_ON_JAX, str(fakes)]
    told = subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout.split()
    assert told[:2] == ["jax", "compiled"] and told[3] == "False"
