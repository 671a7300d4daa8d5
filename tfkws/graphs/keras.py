"""A Keras model as a plain list of nodes in execution order: one a call of a layer, whatever the model is made of."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import keras

from tfkws.errors import CostError, UnsupportedLayerError
from tfkws.graphs.layer_kinds import LayerKind, kind_of


@dataclass(frozen=True)
class KerasNode:
    """One call of one layer, or of one function of `keras.ops`.

    Attributes:
        layer: the Keras layer; of `keras.ops`, Keras' `Operation`.
        name: of the layer; from its second call on with the number of the call.
        arguments: Keras' `SymbolicArguments` of the call.
        inputs: ids of the tensors that it reads, in the order of the arguments.
        outputs: ids of the tensors that it writes.
        input_shapes, output_shape: shapes without the batch; the first output's.
        output_tensors: Keras' symbols of what it writes.
        is_first_call: whether the layer was not called before, so that its weights count here.
    """

    layer: Any
    name: str
    arguments: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    input_shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...]
    output_tensors: tuple[Any, ...]
    is_first_call: bool = True

    @property
    def output(self) -> int:
        """Id of the first tensor that it writes."""
        return self.outputs[0]

    @property
    def kind(self) -> LayerKind:
        """What the layer is.

        Raises:
            UnsupportedLayerError: its class has no row in `tfkws.graphs.layer_kinds`.
        """
        return kind_of(self.layer)

    @property
    def is_layer(self) -> bool:
        """Whether it is a layer, which may have weights and settings, and not a function of `keras.ops`."""
        return isinstance(self.layer, keras.Layer)

    def given(self, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of the call, positional and by name, with values in place of the tensors it reads."""
        tensors = self.arguments.keras_tensors
        filled: tuple[tuple[Any, ...], dict[str, Any]] = self.arguments.fill_in(
            {id(tensor): value for tensor, value in zip(tensors, values, strict=True)}
        )
        return filled


@dataclass(frozen=True)
class KerasGraph:
    """The calls of all layers of a model.

    Attributes:
        nodes: in execution order.
        inputs, outputs: ids (int) of the tensors at both ends.
        model: the functional model that was read; the given one, unless that was traced.
    """

    nodes: tuple[KerasNode, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    model: Any

    def readers(self, tensor: int) -> int:
        """Return how often a tensor is read; each place among the network's outputs counts as one reading."""
        return sum(node.inputs.count(tensor) for node in self.nodes) + self.outputs.count(tensor)


def read_graph(model: keras.Model) -> KerasGraph:
    """Read a model: functional, sequential, or a subclass whose call can be traced; models inside it are read too.

    Raises:
        CostError: the model is not built, cannot be traced, or a shape but the batch is not fixed.
    """
    functional = _functional(model)
    reader = _Reader()
    known = {id(tensor): id(tensor) for tensor in functional.inputs}
    nodes = tuple(reader.nodes(functional, known))
    return KerasGraph(
        nodes, tuple(map(id, functional.inputs)), tuple(known[id(tensor)] for tensor in functional.outputs), functional
    )


def read_plain_graph(model: keras.Model) -> KerasGraph:
    """Read a model that shall be changed layer by layer: one input, each layer called once and with one output.

    Raises:
        CostError: as `read_graph`.
        UnsupportedLayerError: it is made otherwise.
    """
    graph = read_graph(model)
    if len(graph.inputs) != 1:
        raise UnsupportedLayerError(f"{model.name} has {len(graph.inputs)} inputs; this takes networks of one.")
    inside = {id(operation) for operation in graph.model.operations}
    for node in graph.nodes:
        reason = _not_plain(node, id(node.layer) in inside)
        if reason:
            raise UnsupportedLayerError(f"{node.layer.name} {reason}; this takes networks of plain layers, one a call.")
    return graph


def _not_plain(node: KerasNode, is_outside: bool) -> str:
    if not node.is_layer:
        return "is a function of keras.ops"
    if not is_outside:
        return "lies in a model inside the model"
    if not node.is_first_call:
        return "is called more than once"
    return "has several outputs" if len(node.outputs) > 1 else ""


def _functional(model: Any) -> Any:
    """Return the model as a functional one, whose calls Keras knows.

    Raises:
        CostError: there is no way to know them.
    """
    if isinstance(model, keras.Sequential):
        model = model._functional or model
    if _has_graph(model):
        return model
    shape = _built_for(model)
    if shape is None:
        raise CostError(f"{model.name} is not built from Keras inputs; call it once or give it a keras.Input.")
    try:
        inputs = keras.tree.map_shape_structure(lambda one: keras.Input(one[1:]), shape)
        return keras.Model(inputs, model.call(inputs), name=model.name)
    except Exception as error:  # whatever a stranger's `call` raises on symbolic inputs
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise CostError(
            f"{model.name} is a subclass of keras.Model whose call cannot be traced ({reason}); "
            "build it with the functional API: keras.Model(inputs, outputs)."
        ) from error


def _has_graph(model: Any) -> bool:
    return bool(getattr(model, "inputs", None)) and hasattr(model, "_nodes_by_depth")


def _built_for(model: Any) -> Any:
    """Return the shapes, batch included, that a subclassed model was called with; None where that is not known."""
    shapes = getattr(model, "_build_shapes_dict", None) or {}
    return next(iter(shapes.values())) if len(shapes) == 1 else None


class _Reader:
    """Reads models into one another, and keeps how often each layer was called."""

    def __init__(self) -> None:
        self._calls: Counter[int] = Counter()
        self._taken: set[int] = set()
        self._fresh = count(-1, -1)  # ids of tensors inside a model that is called more than once

    def nodes(self, functional: Any, known: dict[int, int]) -> Iterator[KerasNode]:
        """Yield the calls of a model.

        Args:
            known: ids that the model's tensors have in the whole graph; those that it computes are added.
        """
        for call in _calls_in_order(functional):
            inputs = tuple(known[id(tensor)] for tensor in call.arguments.keras_tensors)
            inner = _inner(call.operation)
            if inner is None:
                known |= {id(tensor): self._number(id(tensor)) for tensor in call.outputs}
                yield self._node(call, inputs, tuple(known[id(tensor)] for tensor in call.outputs))
            else:
                inside = dict(zip(map(id, inner.inputs), inputs, strict=True))
                yield from self.nodes(inner, inside)
                pairs = zip(call.outputs, inner.outputs, strict=True)
                known |= {id(outer): inside[id(own)] for outer, own in pairs}

    def _node(self, call: Any, inputs: tuple[int, ...], outputs: tuple[int, ...]) -> KerasNode:
        layer = call.operation
        self._calls[id(layer)] += 1
        times = self._calls[id(layer)]
        name = layer.name if times == 1 else f"{layer.name} (call {times})"
        shapes = tuple(_fixed(name, tensor.shape) for tensor in call.arguments.keras_tensors)
        output = _fixed(name, call.outputs[0].shape)
        written, is_first = tuple(call.outputs), times == 1
        return KerasNode(layer, name, call.arguments, inputs, outputs, shapes, output, written, is_first)

    def _number(self, tensor: int) -> int:
        number = tensor if tensor not in self._taken else next(self._fresh)
        self._taken.add(number)
        return number


def _inner(layer: Any) -> Any:
    """Return the functional model of a model inside a model; None of another layer, or where its calls are unknown."""
    model = layer._functional if isinstance(layer, keras.Sequential) else layer
    return model if isinstance(model, keras.Model) and _has_graph(model) else None


def _calls_in_order(functional: Any) -> Iterator[Any]:
    """Yield Keras' nodes of a functional model as it runs them, inputs left out; those of one depth by its layers."""
    order: Mapping[int, int] = {id(operation): place for place, operation in enumerate(functional.operations)}
    for depth in sorted(functional._nodes_by_depth, reverse=True):
        calls = [call for call in functional._nodes_by_depth[depth] if not call.is_input]
        yield from sorted(calls, key=lambda call: order[id(call.operation)])


def _fixed(name: str, shape: tuple[int | None, ...]) -> tuple[int, ...]:
    sizes = tuple(size for size in shape[1:] if size is not None)
    if len(sizes) != len(shape) - 1:
        raise CostError(f"Layer {name} has the open shape {shape}; give the model an input of fixed size.")
    return sizes
