"""Fake quantisation against the integers that TFLite stores, and its gradient against finite differences."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfkws.compression.quantization_aware import fake_quant
from tfkws.compression.quantization_aware.fake_quant import RangeQuantizer, fake_quantize, fake_quantize_kernel, grid_of
from tfkws.compression.quantization_aware.norm_folding import folded_kernel
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.recipes import RECIPES


@pytest.fixture(scope="module")
def network() -> keras.Model:
    """Conv, batch norm and ReLU; depthwise and batch norm; dense. Normalisations are far from the identity."""
    inputs = keras.Input((6, 5, 2))
    x = keras.layers.Conv2D(3, 3, padding="same", name="conv")(inputs)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(name="conv_norm")(x))
    x = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(x)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.BatchNormalization(name="depthwise_norm")(x))
    model = keras.Model(inputs, keras.layers.Dense(4, name="dense")(x))
    rng = np.random.default_rng(2)
    for weight in model.weights:
        positive = weight.name in ("gamma", "moving_variance")
        weight.assign(rng.uniform(0.3, 2.0, weight.shape) if positive else rng.normal(size=weight.shape))
    return model


@pytest.fixture(scope="module")
def maps() -> np.ndarray:
    """Inputs, float32 (16, 6, 5, 2)."""
    return np.random.default_rng(3).normal(0.5, 2.0, (16, 6, 5, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def int8_file(network: keras.Model, maps: np.ndarray) -> TfliteFile:
    """The network as TFLite stores it."""
    return convert(network, RECIPES["int8"], maps)


@pytest.mark.parametrize(
    ("name", "opcode", "axes", "channel_axis"),
    [  # axes: from Keras' order of a kernel to TFLite's
        ("conv", "CONV_2D", (3, 0, 1, 2), -1),
        ("depthwise", "DEPTHWISE_CONV_2D", (3, 0, 1, 2), -2),
        ("dense", "FULLY_CONNECTED", (1, 0), -1),
    ],
)
def test_kernels_round_to_the_integers_in_the_file(
    name: str, opcode: str, axes: tuple[int, ...], channel_axis: int, network: keras.Model, int8_file: TfliteFile
) -> None:
    layer = network.get_layer(name)
    norm = network.get_layer(f"{name}_norm") if name != "dense" else None
    rounded = np.asarray(fake_quantize_kernel(folded_kernel(layer, norm)[0], channel_axis)).transpose(axes)
    graph = tflite_file(int8_file).graph
    (op,) = (op for op in graph.ops if op.opcode == opcode)
    tensor = graph.tensors[op.inputs[1]]
    stored = np.frombuffer(int8_file.content[slice(*tensor.data_range)], np.int8).reshape(tensor.shape)
    scales = np.reshape(tensor.scales, [-1 if axis == tensor.quantized_dimension else 1 for axis in range(len(axes))])
    assert len(tensor.scales) == layer.kernel.shape[channel_axis]  # one scale an output channel
    np.testing.assert_array_equal(np.round(rounded / scales), stored)
    np.testing.assert_allclose(rounded, stored * scales, rtol=1e-5, atol=1e-7)


def test_the_input_rounds_to_the_integers_that_the_file_takes(int8_file: TfliteFile, maps: np.ndarray) -> None:
    tensor = tflite_file(int8_file).graph.tensors[tflite_file(int8_file).graph.inputs[0]]
    (scale,), (zero_point,) = tensor.scales, tensor.zero_points
    stored = np.clip(np.round(maps / scale) + zero_point, -128, 127)  # TFLite's 8-bit specification
    ends = [(lowest - zero_point) * scale for lowest in (-128, 127)]
    own_scale, own_zero_point = map(float, grid_of(*ends))
    assert own_scale == pytest.approx(scale)
    assert own_zero_point == zero_point
    np.testing.assert_allclose(fake_quantize(maps, *ends), (stored - zero_point) * scale, atol=1e-5)
    assert float(grid_of(maps.min(), maps.max())[0]) == pytest.approx(scale, rel=0.005)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 3.0), (0.2, 3.0), (-5.0, -1.0), (0.0, 0.0)])
def test_zero_lies_on_every_grid_and_outliers_are_clipped(low: float, high: float) -> None:
    values = np.array([0.0, low, high, -100.0, 100.0], np.float32)
    rounded = np.asarray(fake_quantize(values, low, high))
    step = (max(high, 0) - min(low, 0)) / 255 + 1e-9
    assert rounded[0] == 0
    assert np.abs(rounded[3:] - [min(low, 0), max(high, 0)]).max() <= step
    assert np.abs(rounded[1:3] - values[1:3]).max() <= step


def gradients(values: np.ndarray) -> np.ndarray:
    """Gradient of a weighted sum of the rounded values, by the backend."""
    weights = tf.range(1.0, len(values) + 1)
    variable = tf.Variable(values)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(weights * fake_quantize(variable, -1.0, 1.0))
    return np.asarray(tape.gradient(loss, variable, unconnected_gradients="zero") / weights)


def test_gradient_is_that_of_clipping() -> None:
    values = np.array([-1.7, -1.2, -0.7, -0.1, 0.0, 0.33, 0.8, 1.2, 4.0], np.float32)
    width = 0.1  # many steps of 2/255 wide, so that a difference sees the slope and not one step
    below, above = (np.asarray(fake_quantize(values + move, -1.0, 1.0)) for move in (-width, width))
    np.testing.assert_allclose(gradients(values), (above - below) / (2 * width), atol=0.05)


def test_rounding_alone_has_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the straight-through estimator is for: without it nothing would be learned."""
    monkeypatch.setattr(fake_quant, "straight_through", lambda values, scale: keras.ops.round(values / scale) * scale)
    assert not gradients(np.array([-0.7, 0.33], np.float32)).any()


def test_kernel_gradient_passes_straight_through() -> None:
    kernel = tf.Variable(np.random.default_rng(0).normal(size=(3, 3, 2, 4)).astype(np.float32))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(3.0 * fake_quantize_kernel(kernel, -1))
    np.testing.assert_allclose(tape.gradient(loss, kernel), 3.0)


def test_range_starts_with_the_first_batch_and_then_moves() -> None:
    quantizer = RangeQuantizer(momentum=0.75)
    quantizer(np.array([-1.0, 2.0], np.float32), training=True)
    assert (float(quantizer.low), float(quantizer.high)) == (-1.0, 2.0)
    quantizer(np.array([-5.0, 6.0], np.float32), training=True)
    assert (float(quantizer.low), float(quantizer.high)) == (-2.0, 3.0)
    quantizer(np.array([-50.0, 60.0], np.float32), training=False)
    assert (float(quantizer.low), float(quantizer.high)) == (-2.0, 3.0)
