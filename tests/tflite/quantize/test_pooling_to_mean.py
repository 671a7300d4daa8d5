"""Averages as MEAN: the same in float32, with steps of their own in int8."""

from collections.abc import Callable
from typing import Any

import numpy as np
from normalised_network import normalised
from uneven_network import answers

from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.quantize.ai_edge import quantize
from tfkws.tflite.quantize.pooling_to_mean import pooling_to_mean
from tfkws.tflite.quantize.ranges import measure_ranges
from tfkws.tflite.recipes import RECIPES


def averaged(layers: Any, x: Any) -> Any:
    x = layers.AveragePooling2D((x.shape[1], 1), name="rows_pool")(x)
    return layers.DepthwiseConv2D((1, 3), padding="same", name="temporal")(x)


def test_averages_over_all_rows_are_means_with_steps_of_their_own(examples: np.ndarray) -> None:
    network = normalised(averaged, examples)
    means = pooling_to_mean(network)
    opcodes = [op.opcode for op in tflite_file(means).graph.ops]
    assert "MEAN" in opcodes and "AVERAGE_POOL_2D" not in opcodes
    np.testing.assert_allclose(answers(means, examples), answers(network, examples), atol=1e-5)
    steps = [pooling_steps(content, examples) for content in (network, means)]
    assert steps[0][0] == steps[0][1]
    assert steps[1][0] == steps[0][0] > 1.5 * steps[1][1]


def pooling_steps(content: TfliteFile, examples: np.ndarray) -> list[float]:
    """Steps in which the pooling's input and output are stored in int8."""
    made = quantize(content, measure_ranges(content, examples, "minmax"), RECIPES["int8"])
    graph = tflite_file(made).graph
    op = next(op for op in graph.ops if op.opcode in ("MEAN", "AVERAGE_POOL_2D"))
    return [graph.tensors[tensor].scales[0] for tensor in (op.inputs[0], op.outputs[0])]


def test_a_window_that_slides_stays_a_pooling(examples: np.ndarray) -> None:
    network = normalised(lambda layers, x: layers.AveragePooling2D((3, 1), name="pool")(x), examples)
    assert pooling_to_mean(network) is network


def test_a_network_without_averages_is_returned_as_it_is(converted: Callable[[str], TfliteFile]) -> None:
    network = converted("none")
    assert pooling_to_mean(network) is network
