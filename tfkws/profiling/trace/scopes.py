"""The name scope of each layer: how it is written into a compiled program, and read back from a path."""

import re
from collections.abc import Callable
from typing import Any

import keras

from tfkws.graphs.keras import KerasGraph
from tfkws.profiling.measure.layer_calls import stateless

_SCOPE = re.compile(r"(?:^|/)tfkws\.(\d+)(?:_\d+)?(?=/|$)")  # TensorFlow counts scopes that are entered again
_WEIGHT = re.compile(r"^weights\[(\d+)\]")  # JAX names a parameter by the argument that it comes from


def scoped_network(graph: KerasGraph) -> Callable[[Any, Any], list[Any]]:
    """Return the network as a function of its weights and inputs, in which every layer stands in a scope of its own.

    Returns:
        Takes `weights`, one entry a node as `tfkws.profiling.measure.layer_calls` has them, and a list of inputs;
        returns a list of outputs.
    """
    layers = [stateless(node) for node in graph.nodes]

    def network(weights: Any, inputs: Any) -> list[Any]:
        values = dict(zip(graph.inputs, inputs, strict=True))
        for position, (node, layer) in enumerate(zip(graph.nodes, layers, strict=True)):
            with keras.name_scope(f"tfkws.{position}"):
                outputs = layer(*weights[position], *(values[index] for index in node.inputs))
                values |= zip(node.outputs, outputs, strict=True)
        return [values[index] for index in graph.outputs]

    return network


def position_in(path: str) -> int | None:
    """Return the position of the layer whose scope, or whose weight, a path names; None for any other path.

    Example:
        >>> position_in("jit(network)/tfkws.3/conv/conv_general_dilated"), position_in("tfkws.12_1/relu/Relu:Relu")
        (3, 12)
        >>> position_in("weights[4][0][1]"), position_in("jit(network)/transpose")
        (4, None)
    """
    found = _SCOPE.search(path) or _WEIGHT.match(path)
    return int(found.group(1)) if found else None
