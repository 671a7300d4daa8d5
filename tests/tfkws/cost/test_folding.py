"""What a converter leaves of parameters, against counts by hand of small networks."""

from typing import Any

import keras
import pytest

from tfkws.cost.folding import folded_params, folds
from tfkws.graphs.keras import read_graph

LAYERS = keras.layers


def network(*layers: Any) -> keras.Model:
    return keras.Sequential([keras.Input((8, 6, 2)), *layers])


@pytest.mark.parametrize(
    ("layers", "constants"),
    [
        ([LAYERS.Conv2D(4, 3, use_bias=False)], 3 * 3 * 2 * 4 + 4),
        ([LAYERS.Conv2D(4, 3), LAYERS.BatchNormalization()], 3 * 3 * 2 * 4 + 4),
        ([LAYERS.Conv2D(4, 3), LAYERS.ReLU(), LAYERS.BatchNormalization()], 3 * 3 * 2 * 4 + 4 + 2 * 4),
        ([LAYERS.BatchNormalization()], 2 * 2),
        ([LAYERS.DepthwiseConv2D(3), LAYERS.Dropout(0.5)], 3 * 3 * 2 + 2),
        ([LAYERS.Flatten(), LAYERS.Dense(5)], 8 * 6 * 2 * 5 + 5),
    ],
)
def test_constants_of_a_file_are_those_counted_by_hand(layers: list[Any], constants: int) -> None:
    assert folded_params(network(*layers)) == constants


def test_a_normalisation_stays_where_another_layer_reads_the_convolution_too() -> None:
    inputs = keras.Input((8, 6, 2))
    x = LAYERS.Conv2D(4, 1)(inputs)
    outputs = LAYERS.Add()([x, LAYERS.BatchNormalization()(x)])
    model = keras.Model(inputs, outputs)
    graph = read_graph(model)
    norm = next(node for node in graph.nodes if node.kind.is_norm)
    assert not folds(norm, graph, {node.output: node for node in graph.nodes})
    assert folded_params(model) == 2 * 4 + 4 + 2 * 4
