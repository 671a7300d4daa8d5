"""Single layers of a quantisation-aware network against NumPy's arithmetic on rounded values."""

import keras
import numpy as np

from tfkws.compression.quantization_aware.fake_quant import RangeQuantizer, fake_quantize_kernel
from tfkws.compression.quantization_aware.layers import Aware, AwareAverage, AwareKernel, AwareNorm, AwareSilu


def random_values(*shape: int) -> np.ndarray:
    return np.random.default_rng(6).normal(size=shape).astype(np.float32)


def test_the_output_is_rounded_where_a_tensor_holds_it() -> None:
    relu, values = keras.layers.ReLU(name="relu"), np.array([[-1.0, 0.3, 1.26, 9.0]], np.float32)
    relu(values)
    np.testing.assert_array_equal(Aware(relu, None)(values), np.maximum(values, 0))
    grid = RangeQuantizer(0.0, 2.55, momentum=1.0)  # steps of 0.01
    np.testing.assert_allclose(Aware(relu, grid)(values), [[0.0, 0.3, 1.26, 2.55]], atol=1e-6)


def test_a_dense_layer_multiplies_by_its_rounded_kernel_and_keeps_its_bias() -> None:
    dense, values = keras.layers.Dense(3, name="dense"), random_values(4, 5)
    dense(values)
    dense.bias.assign([0.123456, -7.0, 1e-3])
    kernel = np.asarray(fake_quantize_kernel(dense.kernel, -1))
    assert not np.array_equal(kernel, dense.kernel)
    expected = values @ kernel + np.asarray(dense.bias)
    np.testing.assert_allclose(AwareKernel(dense, None, None)(values), expected, atol=1e-5)


def test_what_the_layer_inside_learns_is_seen_at_once() -> None:
    dense, values = keras.layers.Dense(2, name="dense"), random_values(1, 2)
    dense(values)
    aware = AwareKernel(dense, None, None)
    dense.kernel.assign(np.zeros((2, 2)))
    np.testing.assert_array_equal(aware(values), np.zeros((1, 2)))
    assert [w.path for w in aware.trainable_weights] == [w.path for w in dense.trainable_weights]


def test_a_normalisation_is_a_rounded_product_and_a_rounded_sum() -> None:
    norm, values = keras.layers.BatchNormalization(epsilon=0.0, name="norm"), random_values(2, 3, 3, 2)
    norm(values)
    norm.moving_variance.assign([0.25, 4.0])  # factors 2 and 0.5
    norm.beta.assign([1.0, 0.5])
    aware = AwareNorm(norm, None, is_folded_in_part=False)
    rounded = np.asarray(aware(values, training=True))
    product, exact = float(aware.product.high - aware.product.low), values * [2.0, 0.5] + [1.0, 0.5]
    error = np.abs(rounded - exact).max()
    constants = np.abs(values).max() * 2.0 / 255 / 2 + 1.0 / 255 / 2  # half a step of the factors and of the offsets
    assert 0 < error <= product / 255 / 2 + constants + 1e-5


def test_silu_rounds_its_gate_to_256ths() -> None:
    silu, values = keras.layers.Activation("silu", name="silu"), random_values(3, 7)
    silu(values)
    gate = np.clip(np.round(256 / (1 + np.exp(-values))), 0, 255) / 256
    np.testing.assert_allclose(AwareSilu(silu, None)(values), values * gate, atol=1e-6)


def test_an_average_stays_on_the_grid_of_its_input() -> None:
    pool, grid = keras.layers.GlobalAveragePooling2D(name="pool"), RangeQuantizer(0.0, 255.0, momentum=1.0)
    maps = np.array([1.0, 2.0, 2.0, 2.0], np.float32).reshape(1, 2, 2, 1)
    pool(maps)
    np.testing.assert_array_equal(AwareAverage(pool, grid)(maps), [[2.0]])  # of 1.75, in steps of 1
