"""The name scope of each layer: how it is written into a compiled program, and read back from a path."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import keras

from tfkws.graphs.keras import KerasNode
from tfkws.profiling.measure.layer_calls import stateless

_SCOPE = re.compile(r"(?:^|/)tfkws\.(\d+)(?:_\d+)?(?=/|$)")  # TensorFlow counts scopes that are entered again
_WEIGHT = re.compile(r"^weights\[(\d+)\]")  # JAX names a parameter by the argument that it comes from


def scoped_network(nodes: Sequence[KerasNode], start: int, output: int) -> Callable[[Any, Any], Any]:
    """Return the network as a function of its weights and input, in which every layer stands in a scope of its own.

    Args:
        nodes: in execution order.
        start, output: ids (int) of the tensors at both ends.

    Returns:
        Takes `weights`, one entry a layer as `tfkws.profiling.measure.layer_calls` has them, and the input.
    """
    layers = [stateless(node.layer, isinstance(node.layer.input, list)) for node in nodes]

    def network(weights: Any, inputs: Any) -> Any:
        values = {start: inputs}
        for position, (node, layer) in enumerate(zip(nodes, layers, strict=True)):
            with keras.name_scope(f"tfkws.{position}"):
                values[node.output] = layer(*weights[position], *(values[index] for index in node.inputs))
        return values[output]

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
