"""Equalised channels: the same in float32, alike in range, better in int8."""

import numpy as np
import pytest
from uneven_network import answers, quality, uneven

from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.quantize.equalisation import equalise, neighbours
from tfkws.tflite.quantize.quantize_network import quantize_network
from tfkws.tflite.recipes import with_remedies
from tfkws.tflite.runtime.model import open_model


def test_neighbours_are_the_convolutions_with_one_reader(network: TfliteFile) -> None:
    graph = tflite_file(network).graph
    assert [(a.opcode, b.opcode) for a, b in neighbours(graph)] == [
        ("CONV_2D", "DEPTHWISE_CONV_2D"), ("DEPTHWISE_CONV_2D", "CONV_2D"),
    ]  # fmt: skip


@pytest.mark.parametrize("activation", ["relu", "relu6", None])
def test_equalised_network_answers_as_before(activation: str | None, maps: np.ndarray) -> None:
    network = uneven(activation)
    equalised = equalise(network, maps)
    assert equalised != network
    np.testing.assert_allclose(answers(equalised, maps), answers(network, maps), atol=1e-5)


def test_equalisation_makes_channels_alike_and_int8_better(network: TfliteFile, maps: np.ndarray) -> None:
    recipes = [with_remedies("int8", ranges="minmax", equalise=on) for on in (False, True)]
    before, after = (quantize_network(network, recipe, maps) for recipe in recipes)
    assert quality(after, maps) > 6 + quality(before, maps)
    spreads = []
    for made in (before, after):
        model = open_model(made.float_file, kernels="builtin", load_check=False, keep_tensors=True)
        model.set_stored_input(maps[:1])
        model.invoke()
        largest = np.abs(model.tensor(model.graph.ops[0].outputs[0])).max(axis=(0, 1, 2))
        spreads.append(largest.max() / largest.min())
    assert spreads[1] < spreads[0] / 3
