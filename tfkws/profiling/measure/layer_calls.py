"""One callable a layer: the layer by itself, as a function of its weights and inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

from tfkws.graphs.keras import KerasNode
from tfkws.profiling.measure.backend import compiled

# Names and neighbours of a layer; they do not change what it computes.
PLACE = frozenset({"name", "_name", "_path", "_parent_path", "_inbound_nodes", "_outbound_nodes"})


@dataclass(frozen=True)
class LayerCall:
    """A layer ready to be called.

    Attributes:
        run: takes `weights`, then the inputs.
        weights: tensors.
        inputs, output: ids (int) of tensors.
    """

    run: Callable[..., Any]
    weights: tuple[Any, ...]
    inputs: tuple[int, ...]
    output: int


def layer_calls(nodes: Sequence[KerasNode], mode: str) -> list[LayerCall]:
    """Build the calls of all layers; compiled layers of the same settings and shapes share one program."""
    if mode == "eager":
        return [LayerCall(_eager(node.layer), (), node.inputs, node.output) for node in nodes]
    programs: dict[str, Callable[..., Any]] = {}
    return [_compiled(node, programs) for node in nodes]


def whole_call(model: Any, mode: str) -> LayerCall:
    """Build the call of the whole network.

    Args:
        mode: "eager", or "compiled" for anything else.
    """
    inputs, output = tuple(map(id, model.inputs)), id(model.outputs[0])
    if mode == "eager":
        return LayerCall(_eager(model), (), inputs, output)
    return LayerCall(compiled(stateless(model, several=False)), weights_of(model), inputs, output)


def _eager(layer: Any) -> Callable[..., Any]:
    several = isinstance(layer.input, list)
    return lambda *inputs: layer(list(inputs) if several else inputs[0], training=False)


def _compiled(node: KerasNode, programs: dict[str, Callable[..., Any]]) -> LayerCall:
    key = _settings(node)
    if key not in programs:
        programs[key] = compiled(stateless(node.layer, isinstance(node.layer.input, list)))
    return LayerCall(programs[key], weights_of(node.layer), node.inputs, node.output)


def stateless(layer: Any, several: bool) -> Callable[..., Any]:
    """Return the layer as a function of its weights, so that no compiler takes them for constants and computes ahead.

    Args:
        several: whether the layer takes a list of inputs.

    Returns:
        Takes what `weights_of` returns, then the inputs (tensors).
    """
    mode = {"training": False} if "training" in signature(layer.call).parameters else {}

    def call(trainable: list[Any], others: list[Any], *inputs: Any) -> Any:
        given = list(inputs) if several else inputs[0]
        return layer.stateless_call(trainable, others, given, **mode)[0]

    return call


def weights_of(layer: Any) -> tuple[list[Any], list[Any]]:
    """Return the tensors that a layer learns, and the others that it keeps."""
    return [v.value for v in layer.trainable_variables], [v.value for v in layer.non_trainable_variables]


def _settings(node: KerasNode) -> str:
    """What two layers must share to be the same program: class, shapes, and every plain value or function they hold.

    Not by `get_config`, which imports TensorFlow on any backend.
    """
    held = {key: _plain(value) for key, value in vars(node.layer).items() if key not in PLACE}
    return repr([type(node.layer).__qualname__, sorted(held.items()), node.input_shapes])


def _plain(value: Any) -> str:
    """A number, text or function as text; what else a layer holds is its class's name."""
    if isinstance(value, (tuple, list)):
        return repr([_plain(item) for item in value])
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    return str(getattr(value, "__qualname__", type(value).__qualname__))
