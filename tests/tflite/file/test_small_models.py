"""Models of one purpose against NumPy."""

import numpy as np

from tfkws.cost import count
from tfkws.tflite.file.small_models import chain, pointwise_convolution
from tfkws.tflite.runtime.model import open_model


def test_the_large_convolution_computes_a_matrix_product() -> None:
    content = pointwise_convolution("float32", 3, 5)
    weights = np.random.default_rng(0).normal(size=(5, 1, 1, 5)).astype(np.float32)[:, 0, 0]
    example = np.random.default_rng(1).normal(size=(1, 3, 3, 5)).astype(np.float32)
    model = open_model(content)
    model.set_stored_input(example)
    model.invoke()
    output = model.tensor(model.graph.outputs[0])
    assert np.allclose(output, example @ weights.T, atol=1e-5)
    assert count(content).macs == 3 * 3 * 5 * 5


def test_the_int8_convolution_is_int8_and_right() -> None:
    content = pointwise_convolution("int8", 3, 5)
    weights = np.random.default_rng(0).integers(-127, 128, (5, 1, 1, 5)).astype(np.int8)[:, 0, 0]
    example = np.random.default_rng(1).integers(-100, 100, (1, 3, 3, 5)).astype(np.int8)
    model = open_model(content)
    model.set_stored_input(example)
    model.invoke()
    exact = 0.01 * (example.astype(int) @ weights.T.astype(int))
    assert np.abs(model.tensor(model.graph.outputs[0]) - np.clip(np.round(exact), -128, 127)).max() <= 1
    assert count(content).macs == 3 * 3 * 5 * 5


def test_a_chain_has_so_many_operators() -> None:
    assert [op.opcode for op in open_model(chain(7)).graph.ops] == ["ABS"] * 7
