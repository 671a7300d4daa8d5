"""The quantisation-aware twin of any network of the zoo: the same layers, computed as the int8 file will compute them.

A tensor is rounded where TFLite stores one: behind every operator, once its normalisation and ReLU are fused in.
Reshaping, padding and maximum pooling keep the grid of their input. Biases (32 bits) and the arithmetic inside an
operator are not modelled.
"""

from typing import Any

import keras

from tfkws.compression.quantization_aware import layers as aware_layers
from tfkws.compression.quantization_aware.fake_quant import RangeQuantizer, unit_quantizer
from tfkws.compression.quantization_aware.layers import Aware
from tfkws.cost.folding import folds
from tfkws.errors import UnsupportedLayerError
from tfkws.graphs.keras import KerasNode, read_plain_graph
from tfkws.graphs.rewriting import axes_averaged_away


def quantization_aware(network: keras.Model) -> keras.Model:
    """Build the twin of `network`, sharing its layers: what the twin learns, the network has learned.

    The twin has the same input, output and layer names; the statistics of its normalisations are fixed.

    Raises:
        UnsupportedLayerError: a layer has no quantisation-aware form.
    """
    return _Twin(network).build()


class _Twin:
    """Walks the graph, keeping for each tensor of the network its twin and the grid that it lies on."""

    def __init__(self, network: keras.Model) -> None:
        self.network, self.graph = network, read_plain_graph(network)
        self.writers = {node.output: node for node in self.graph.nodes}
        self.tensors: dict[int, Any] = {}
        self.grids: dict[int, RangeQuantizer | None] = {}

    def build(self) -> keras.Model:
        """Return the twin."""
        (source,), (result,) = self.graph.inputs, self.graph.outputs
        inputs, grid = keras.Input(self.network.input_shape[1:], name="input"), RangeQuantizer(name="input_range")
        self.tensors[source], self.grids[source] = grid(inputs), grid
        for node in self.graph.nodes:
            self._add(node)
        return keras.Model(inputs, self.tensors[result], name=self.network.name)

    def _add(self, node: KerasNode) -> None:
        first = node.inputs[0]
        if self._is_folded(node):
            self.tensors[node.output], self.grids[node.output] = self.tensors[first], self.grids[first]
            return
        inputs, wrapped = [self.tensors[tensor] for tensor in node.inputs], self._wrap(node)
        self.tensors[node.output] = wrapped(inputs if len(inputs) > 1 else inputs[0])
        self.grids[node.output] = wrapped.quantizer or self.grids[first]

    def _wrap(self, node: KerasNode) -> Aware:
        layer, form = node.layer, node.kind.quantization_aware
        norm = self._norm_behind(node)
        grid = None if self._fuses_relu(norm or node) else RangeQuantizer(name=f"{layer.name}_range")
        if form == "kernel" and _activation_of(layer) == "linear":
            return aware_layers.AwareKernel(layer, grid, norm.layer if norm else None, self._next_norm(node))
        if form == "strided rows":
            return aware_layers.AwareStridedRows(layer, grid, self._next_norm(node))
        if form == "norm":
            return aware_layers.AwareNorm(layer, grid, self._is_folded_in_part(node))
        if form == "own grid":
            return Aware(layer, grid)
        if form == "input grid":
            return Aware(layer, None)
        return self._wrap_activation_or_pooling(node)

    def _wrap_activation_or_pooling(self, node: KerasNode) -> Aware:
        layer, form = node.layer, node.kind.quantization_aware
        activation, grid = _activation_of(layer), self.grids[node.inputs[0]]
        if form == "average" and _averages_axes_away(node):
            return Aware(layer, RangeQuantizer(name=f"{layer.name}_range"))
        if form == "average" and grid is not None:
            return aware_layers.AwareAverage(layer, grid)
        if form == "activation" and activation == "silu":
            return aware_layers.AwareSilu(layer, RangeQuantizer(name=f"{layer.name}_range"))
        if form == "unit grid" or (form == "activation" and activation == "sigmoid"):
            return Aware(layer, unit_quantizer(f"{layer.name}_range"))
        raise UnsupportedLayerError(
            f"Layer {layer.name} ({type(layer).__name__}, activation {activation}) has no quantisation-aware form; "
            "use one that tfkws/graphs/layer_kinds.py describes, with the activation in a layer of its own."
        )

    def _only_reader(self, node: KerasNode) -> KerasNode | None:
        readers = [other for other in self.graph.nodes if node.output in other.inputs]
        return readers[0] if self.graph.readers(node.output) == 1 and readers else None

    def _is_folded(self, node: KerasNode) -> bool:
        return node.kind.is_norm and folds(node, self.graph, self.writers)

    def _norm_behind(self, node: KerasNode) -> KerasNode | None:
        reader = self._only_reader(node)
        return reader if reader is not None and self._is_folded(reader) else None

    def _is_folded_in_part(self, node: KerasNode) -> bool:
        """Whether a convolution before a normalisation takes what it can of it."""
        before = self.writers.get(node.inputs[0])
        return before is not None and self._next_norm(before) is node.layer

    def _next_norm(self, node: KerasNode) -> Any | None:
        reader = self._only_reader(node)
        if reader is None or not reader.kind.is_norm or self._is_folded(reader):
            return None
        convolves = bool(node.kind.takes_norm) and _activation_of(node.layer) == "linear"
        return reader.layer if convolves else None

    def _fuses_relu(self, node: KerasNode) -> bool:
        reader = self._only_reader(node)
        return node.kind.fuses_relu and reader is not None and isinstance(reader.layer, keras.layers.ReLU)


def _averages_axes_away(node: KerasNode) -> bool:
    """Whether a pooling averages over all rows, all columns or both: a MEAN in the file, with a grid of its own."""
    return bool(axes_averaged_away(node.layer.pool_size, node.input_shapes[0], node.output_shape))


def _activation_of(layer: Any) -> str:
    function = getattr(layer, "activation", None)
    return str(getattr(function, "__name__", function)) if function is not None else "linear"
