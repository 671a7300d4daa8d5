"""One callable a layer: the layer by itself, as a function of its weights and inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

import keras

from tfkws.graphs.keras import KerasGraph, KerasNode
from tfkws.graphs.layer_kinds import find_kind
from tfkws.profiling.measure.backend import compiled

# Names and neighbours of a layer; they do not change what it computes.
PLACE = frozenset({"name", "_name", "_path", "_parent_path", "_inbound_nodes", "_outbound_nodes"})


@dataclass(frozen=True)
class LayerCall:
    """A layer ready to be called.

    Attributes:
        run: takes `weights`, then the inputs; returns a list of outputs.
        weights: tensors.
        inputs, outputs: ids (int) of tensors.
    """

    run: Callable[..., Any]
    weights: tuple[Any, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def layer_calls(nodes: Sequence[KerasNode], mode: str) -> list[LayerCall]:
    """Build the calls of all layers; compiled layers of the same settings and shapes share one program."""
    if mode == "eager":
        return [LayerCall(_eager(node), (), node.inputs, node.outputs) for node in nodes]
    programs: dict[str, Callable[..., Any]] = {}
    return [_compiled(node, programs) for node in nodes]


def whole_call(graph: KerasGraph, mode: str) -> LayerCall:
    """Build the call of the whole network.

    Args:
        mode: "eager", or "compiled" for anything else.
    """
    model = graph.model

    def eager(*inputs: Any) -> list[Any]:
        return _flat(model(_structured(model, inputs), training=False))

    def stateless(trainable: list[Any], others: list[Any], *inputs: Any) -> list[Any]:
        return _flat(model.stateless_call(trainable, others, _structured(model, inputs), training=False)[0])

    if mode == "eager":
        return LayerCall(eager, (), graph.inputs, graph.outputs)
    return LayerCall(compiled(stateless), weights_of(model), graph.inputs, graph.outputs)


def _structured(model: Any, inputs: Sequence[Any]) -> Any:
    """Return tensors in the structure in which the model takes its inputs: one, a list, or a dict."""
    return keras.tree.pack_sequence_as(model._inputs_struct, list(inputs))


def _flat(outputs: Any) -> list[Any]:
    return list(keras.tree.flatten(outputs))


def _eager(node: KerasNode) -> Callable[..., Any]:
    def call(*inputs: Any) -> list[Any]:
        arguments, names = node.given(inputs)
        return _flat(node.layer(*arguments, **(names | _at_inference(node))))

    return call


def _compiled(node: KerasNode, programs: dict[str, Callable[..., Any]]) -> LayerCall:
    key = _settings(node)
    if key not in programs:
        programs[key] = compiled(stateless(node))
    return LayerCall(programs[key], weights_of(node.layer), node.inputs, node.outputs)


def stateless(node: KerasNode) -> Callable[..., Any]:
    """Return a call as a function of its weights, so that no compiler takes them for constants and computes ahead.

    Returns:
        Takes what `weights_of` returns, then the inputs (tensors); returns a list of outputs.
    """

    def call(trainable: list[Any], others: list[Any], *inputs: Any) -> list[Any]:
        arguments, names = node.given(inputs)
        names = names | _at_inference(node)
        if not node.is_layer:
            return _flat(node.layer.call(*arguments, **names))
        return _flat(node.layer.stateless_call(trainable, others, *arguments, **names)[0])

    return call


def _at_inference(node: KerasNode) -> dict[str, Any]:
    return {"training": False} if "training" in signature(node.layer.call).parameters else {}


def weights_of(layer: Any) -> tuple[list[Any], list[Any]]:
    """Return the tensors that a layer learns, and the others that it keeps; a function of `keras.ops` has none."""
    if not isinstance(layer, keras.Layer):
        return [], []
    return [v.value for v in layer.trainable_variables], [v.value for v in layer.non_trainable_variables]


def _settings(node: KerasNode) -> str:
    """What two layers must share to be the same program: class, shapes, and every plain value or function they hold.

    Not by `get_config`, which imports TensorFlow on any backend.
    """
    held = {key: _plain(value) for key, value in vars(node.layer).items() if key not in PLACE}
    places = {id(tensor): f"tensor {place}" for place, tensor in enumerate(node.arguments.keras_tensors)}
    values = keras.tree.flatten((node.arguments.args, sorted(node.arguments.kwargs.items())))
    given = [places.get(id(value)) or _plain(value) for value in values]
    own = id(node.layer) if _holds_layers(node.layer) else 0  # what lies inside does not show in these settings
    return repr([type(node.layer).__qualname__, own, sorted(held.items()), given, node.input_shapes])


def _holds_layers(layer: Any) -> bool:
    """Whether a layer is made of others, or is code whose settings are not known."""
    return isinstance(layer, keras.Layer) and (bool(layer._layers) or find_kind(layer) is None)


def _plain(value: Any) -> str:
    """A number, text or function as text; what else a layer holds is its class's name."""
    if isinstance(value, (tuple, list)):
        return repr([_plain(item) for item in value])
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    return str(getattr(value, "__qualname__", type(value).__qualname__))
