"""The network in scopes is the network."""

from typing import Any

import numpy as np
import pytest

from tfkws.graphs.keras import read_graph
from tfkws.profiling.measure.layer_calls import weights_of
from tfkws.profiling.trace.scopes import position_in, scoped_network


def test_the_network_in_scopes_answers_as_the_model_does(network: Any) -> None:
    graph = read_graph(network)
    inputs = np.random.default_rng(0).normal(size=(1, 8, 6, 1)).astype(np.float32)
    (outputs,) = scoped_network(graph)([weights_of(node.layer) for node in graph.nodes], [inputs])
    np.testing.assert_allclose(outputs, network(inputs), rtol=1e-5)


@pytest.mark.parametrize(
    ("path", "position"),
    [
        ("jit(network)/jit(main)/tfkws.0/conv/add", 0),
        ("tfkws.10/norm_1/batchnorm/mul", 10),
        ("tfkws.3_1/relu/Relu", 3),
        ("tfkws.3", 3),
        ("weights[7][1][0]", 7),
        ("xtfkws.3/conv", None),
        ("tfkws.three/conv", None),
        ("inputs", None),
        ("", None),
    ],
)
def test_paths(path: str, position: int | None) -> None:
    assert position_in(path) == position
