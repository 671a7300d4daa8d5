"""The whole network compiled by the backend, with what tells which layers a kernel of it serves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from tfkws.errors import BenchmarkError
from tfkws.graphs.keras import KerasGraph, KerasNode
from tfkws.profiling.measure import backend
from tfkws.profiling.measure.layer_calls import weights_of
from tfkws.profiling.trace.hlo import layers_by_instruction
from tfkws.profiling.trace.inline_jax import inlined, names_are_kept
from tfkws.profiling.trace.kernel_names import layers_by_kernel_name
from tfkws.profiling.trace.kernels import Kernel
from tfkws.profiling.trace.scopes import position_in, scoped_network

Layers = frozenset[int]

# A weight of the layer with which each kind of TensorFlow's fused operators begins.
_FUSED = {"FusedBatchNormEx": "moving_mean", "FusedBatchNorm": "moving_mean", "Fused": "kernel"}


@dataclass(frozen=True)
class Program:
    """A compiled network.

    Attributes:
        call: runs it once and returns when the answer is there.
        layers_of: returns the positions of the layers that a kernel serves; none where that cannot be told.
    """

    call: Callable[[], Any]
    layers_of: Callable[[Kernel], Layers]


def compile_network(graph: KerasGraph, inputs: list[Any], device: str) -> Program:
    """Compile a network for one example.

    Args:
        inputs: a list of tensors of the backend, on the device.
        device: "cpu" or "gpu".

    Raises:
        BenchmarkError: the backend is neither JAX nor TensorFlow.
    """
    network = scoped_network(graph)
    weights = [weights_of(node.layer) for node in graph.nodes]
    if keras.backend.backend() == "jax":
        return _by_jax(network, weights, inputs)
    if keras.backend.backend() == "tensorflow":
        return _by_tensorflow(network, weights, inputs, graph.nodes, device)
    raise BenchmarkError(
        f"The backend {keras.backend.backend()} has no trace that is read here; use --how hooks, or KERAS_BACKEND=jax."
    )


def _by_jax(network: Callable[..., Any], weights: Any, inputs: Any) -> Program:
    import jax

    named = network if names_are_kept() else inlined(network)
    compiled = jax.jit(named).lower(weights, inputs).compile()
    text = compiled.as_text() or ""
    layers = layers_by_instruction(text)
    by_name = layers_by_kernel_name(text, layers)

    def layers_of(kernel: Kernel) -> Layers:
        by_instruction = layers.get(kernel.instruction) or _at(position_in(kernel.scope))
        return by_instruction or by_name.get(kernel.name, frozenset())

    return Program(lambda: backend.wait(compiled(weights, inputs), "gpu"), layers_of)


def _by_tensorflow(
    network: Callable[..., Any], weights: Any, inputs: Any, nodes: Sequence[KerasNode], device: str
) -> Program:
    compiled = backend.compiled(network)

    def layers_of(kernel: Kernel) -> Layers:
        path, _, kind = kernel.scope.rpartition(":")
        position = position_in(path)
        return _at(position) if position is None else frozenset(fused_into(position, kind, nodes))

    return Program(lambda: backend.wait(compiled(weights, inputs), device), layers_of)


def fused_into(position: int, operator: str, nodes: Sequence[KerasNode]) -> list[int]:
    """Return the positions of the layers of an operator: those before it too where TensorFlow fused them.

    A fused operator bears the name of its last layer; it begins with a convolution or a product, and reads one
    tensor from layer to layer. `_FusedBatchNormEx` begins with the normalisation.

    Args:
        position: of the layer that names it.
        operator: what it is, such as "_FusedConv2D" or "_MklNativeFusedMatMul".
    """
    first = next((weight for what, weight in _FUSED.items() if what in operator), None)
    if first is None or not operator.startswith("_"):
        return [position]
    writers = {node.output: place for place, node in enumerate(nodes)}
    found = [position]
    while not any(first in variable.name for variable in nodes[found[-1]].layer.weights):
        before = writers.get(nodes[found[-1]].inputs[0])
        if before is None:
            return [position]
        found.append(before)
    return found


def _at(position: int | None) -> Layers:
    return frozenset() if position is None else frozenset({position})
