"""A network on a stream, against the same network applied once to the whole long map.

Keras computes that on a long input with the same weights; far from its ends no layer sees the zeros of its padding. All
in float64, so that what is left of a difference is no rounding.
"""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
from small_networks import SMALL

from tfkws.errors import StreamingError
from tfkws.models import build_model
from tfkws.models.residual_blocks import squeeze_by_conv
from tfkws.streaming.network import StreamingNetwork, streaming_network

CLASSES = 4
TIME_FIRST = ("ds_cnn",)
STREAMING = ("seed_cnn", "ds_cnn", "bc_resnet", "tc_resnet", "matchboxnet")
COMPARED = 10  # steps
ATOL = 1e-10


@pytest.fixture(scope="module", autouse=True)
def double_precision() -> Iterator[None]:
    usual = keras.config.floatx()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_floatx(usual)
    keras.config.set_dtype_policy(usual)
    keras.backend.clear_session()


def random_weights(model: keras.Model, seed: int) -> None:
    """Give every weight a value of its own, normalisations' statistics too."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        positive = "variance" in weight.path or "gamma" in weight.path
        inputs = weight.shape[:2] if len(weight.shape) == 4 and weight.shape[-1] == 1 else weight.shape[:-1]
        spread = np.sqrt(2 / np.prod(inputs)) if len(weight.shape) > 1 else 0.1
        values = rng.uniform(0.5, 1.5, weight.shape) if positive else rng.normal(0, spread, weight.shape)
        weight.assign(values)


def run(network: StreamingNetwork, frames: np.ndarray) -> np.ndarray:
    """Answers float64 (steps, classes) of frames (n, rows), fed step by step."""
    import tensorflow as tf

    step = tf.function(lambda frames, states: network.step(frames, states))
    count, answers, states = network.plan.frames_per_step, [], network.first_states()
    for first in range(0, len(frames) - count + 1, count):
        answer, states = step(tf.constant(as_map(frames[first : first + count], network)), states)
        answers.append(np.asarray(answer)[0])
    return np.stack(answers)


def as_map(frames: np.ndarray, network: StreamingNetwork) -> np.ndarray:
    return (frames if network.plan.time_axis == 0 else frames.T)[None, ..., None]


def window_start(network: StreamingNetwork, step: int) -> int:
    """First frame of the window that the answer of a step is of."""
    plan = network.plan
    return (step + 1) * plan.frames_per_step - plan.delay_frames - plan.window_frames


def long_windows(
    build: Callable[[int], keras.Model],
    model: keras.Model,
    network: StreamingNetwork,
    frames: np.ndarray,
    starts: range,
) -> np.ndarray:
    """What stands before the pooling for each window, float64 (n, h, w, c), cut out of that of one long map."""
    lost = starts[0] % starts.step
    used = (len(frames) - lost - network.plan.window_frames) // starts.step * starts.step + network.plan.window_frames
    long_model = build(used)
    long_model.set_weights(model.get_weights())
    features = keras.Model(long_model.input, long_model.get_layer("head_pool").input)
    whole = np.asarray(features(as_map(frames[lost : lost + used], network), training=False))
    rows_are_channels = any(layer.name == "input_rows_to_channels" for layer in model.layers)
    axis = 1 if rows_are_channels else 1 + network.plan.time_axis
    length = model.get_layer("head_pool").input.shape[axis]
    firsts = [(start - lost) // starts.step for start in starts]
    return np.concatenate([np.take(whole, range(first, first + length), axis) for first in firsts])


def answer_windows(model: keras.Model, windows: np.ndarray) -> np.ndarray:
    """Answers of the layers behind what stands before the pooling, made to differ from window to window."""
    logits = model.get_layer("logits")
    pooled = windows.mean(axis=(1, 2))
    values = np.asarray(logits(pooled))
    scale = 2 / values.std(axis=0)
    logits.kernel.assign(logits.kernel * scale)
    logits.bias.assign((logits.bias - values.mean(axis=0)) * scale)
    return np.asarray(keras.ops.softmax(logits(pooled)))


@pytest.mark.parametrize("family", STREAMING)
def test_frame_by_frame_it_answers_as_on_the_whole_long_map(family: str, rng: np.random.Generator) -> None:
    name, shape, variant = SMALL[family]
    axis = 0 if family in TIME_FIRST else 1

    def build(length: int) -> keras.Model:
        height, width = (length, shape[1]) if axis == 0 else (shape[0], length)
        return build_model(name, (height, width, 1), CLASSES, **variant)

    model = build(shape[axis])
    random_weights(model, 3)
    network = streaming_network(model, axis)
    plan = network.plan
    first = -(-plan.settling_frames // plan.frames_per_step)
    steps = range(first, first + COMPARED)
    frames = rng.normal(size=((steps[-1] + 3) * plan.frames_per_step, shape[1 - axis]))
    starts = range(window_start(network, steps[0]), window_start(network, steps[-1]) + 1, plan.frames_per_step)
    expected = answer_windows(model, long_windows(build, model, network, frames, starts))
    assert np.ptp(expected, axis=0).max() > 0.3  # answers that never change would agree whatever is kept
    np.testing.assert_allclose(run(network, frames)[steps[0] : steps[-1] + 1], expected, atol=ATOL)


def unpadded(inputs: Any) -> Any:
    """Convolutions, pooling, branches and channels side by side without padding along time, stride 2 in all."""
    x = keras.layers.Conv2D(6, (3, 4), (1, 2), "valid", activation="relu", name="first")(inputs)
    left = keras.layers.DepthwiseConv2D((3, 3), padding="valid", dilation_rate=(1, 2), name="left")(x)
    right = keras.layers.AveragePooling2D((3, 5), (1, 1), "valid", name="right")(x)
    x = keras.layers.Concatenate(name="both")([left, right])
    return keras.layers.Conv2D(5, (1, 3), padding="valid", activation="relu", name="last")(x)


HEADS: dict[str, Callable[[Any], Any]] = {
    "average": lambda x: keras.layers.GlobalAveragePooling2D(name="pool")(x),
    "maximum": lambda x: keras.layers.GlobalMaxPooling2D(name="pool")(x),
    "flattened": lambda x: keras.layers.Flatten(name="pool")(x),
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("answers_per_step", [1, 3])
def test_without_padding_it_gives_the_sliding_windows_answers(
    head: str, answers_per_step: int, rng: np.random.Generator
) -> None:
    inputs = keras.Input((7, 30, 1))
    x = keras.layers.Dense(CLASSES, name="logits")(HEADS[head](unpadded(inputs)))
    model = keras.Model(inputs, keras.layers.Softmax(name="probabilities")(x), name="unpadded")
    random_weights(model, 5)
    network = streaming_network(model, 1, answers_per_step)
    plan = network.plan
    assert plan.equals_window
    assert (plan.delay_frames, plan.frames_per_step, plan.settling_frames) == (0, 2 * answers_per_step, 30)
    frames = rng.normal(size=(72, 7))
    answers = run(network, frames)
    steps = [step for step in range(len(answers)) if window_start(network, step) >= 0]
    windows = [frames[window_start(network, step) :][:30].T[..., None] for step in steps]
    expected = np.asarray(model(np.stack(windows), training=False))
    assert np.ptp(expected, axis=0).max() > 0.01
    np.testing.assert_allclose(answers[steps], expected, atol=ATOL)


def test_padding_along_time_is_told_layer_by_layer() -> None:
    inputs = keras.Input((4, 12, 1))
    x = keras.layers.Conv2D(2, (3, 1), padding="same", name="rows_only")(inputs)
    x = keras.layers.Conv2D(2, (1, 3), padding="same", name="beyond_the_edge")(x)
    x = keras.layers.ZeroPadding2D(((0, 0), (2, 0)), name="causal")(x)
    x = keras.layers.Conv2D(2, (1, 3), name="valid")(x)
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))
    plan = streaming_network(model, 1).plan
    assert plan.padded_layers == ("beyond_the_edge", "causal")
    assert plan.delay_frames == 1  # of the kernel of three in the middle; the causal one adds none
    assert plan.settling_frames == 12 + 1 + 1 + 2


def test_states_are_named_after_layers_and_shaped_as_they_are_kept() -> None:
    inputs = keras.Input((4, 12, 1))
    x = keras.layers.Conv2D(2, (3, 3), padding="same", name="conv")(inputs)
    x = keras.layers.Add(name="shortcut")([x, keras.layers.Conv2D(2, 1, name="skip")(inputs)])
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D(name="pool")(x))
    states = {state.name: state.shape for state in streaming_network(model, 1).states}
    assert states == {"conv": (6, 2, 1), "shortcut_1": (4, 1, 2), "pool": (1, 11, 2)}


def test_a_network_with_squeeze_and_excitation_is_refused_with_the_layers_name() -> None:
    inputs = keras.Input((4, 12, 1))
    x = keras.layers.Conv2D(8, 3, padding="same", name="conv")(inputs)
    x = squeeze_by_conv(x, "squeeze", 8)
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D(name="pool")(x))
    with pytest.raises(StreamingError, match=r"layer squeeze_scale \(Multiply\) merges a value of the whole window"):
        streaming_network(model, 1)
