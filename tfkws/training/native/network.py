"""A Keras network read as operations that have kernels."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

from tfkws.errors import UnsupportedLayerError
from tfkws.graphs.keras import KerasGraph, KerasNode, read_graph
from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D
from tfkws.models.sub_spectral_norm import SubSpectralNormalization, band_sizes
from tfkws.training.native.geometry import Window, window_of
from tfkws.training.native.maps import Shape
from tfkws.training.native.operations.convolution import Convolution
from tfkws.training.native.operations.dropout import Dropout, Seeds
from tfkws.training.native.operations.elementwise import ACTIVATIONS, Activation, Sum
from tfkws.training.native.operations.movement import Mean, Movement
from tfkws.training.native.operations.normalisation import Normalisation
from tfkws.training.native.operations.together import Operation
from tfkws.training.native.weights import Variables

layers = keras.layers
TAKE_A_RELU = (layers.BatchNormalization, SubSpectralNormalization, layers.Add)
UNKNOWN_SETTINGS = (
    "kernel_regularizer", "bias_regularizer", "depthwise_regularizer", "beta_regularizer", "gamma_regularizer",
    "activity_regularizer", "kernel_constraint", "bias_constraint", "depthwise_constraint", "beta_constraint",
    "gamma_constraint",
)  # fmt: skip


@dataclass
class Network:
    """What a network computes, from its input to its logits.

    Attributes:
        weights: its trainable variables.
        running: its other floats, which its normalisations change.
        seeds: random states of its dropouts.
        operations: in execution order.
        shapes: of each tensor, by its id.
        trainable: ids of the tensors that depend on trainable weights.
        input, output: ids.
    """

    weights: Variables
    running: Variables
    seeds: list[Seeds] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    shapes: dict[int, Shape] = field(default_factory=dict)
    trainable: set[int] = field(default_factory=set)
    input: int = 0
    output: int = 0


def read_network(model: Any) -> Network:
    """Read a model up to its logits.

    Raises:
        UnsupportedLayerError: it has a layer without kernels, or one that is used otherwise than in our networks.
    """
    graph = read_graph(model)
    _require(len(graph.inputs) == len(graph.outputs) == 1, f"{model.name} has several inputs or outputs")
    floats = [variable for variable in model.non_trainable_variables if variable.dtype == "float32"]
    network = Network(Variables(model.trainable_variables), Variables(floats))
    _require(all(variable.dtype == "float32" for variable in model.trainable_variables), "its weights are not float32")
    (network.input,), (network.output,) = graph.inputs, graph.outputs
    network.shapes[network.input] = shape_of(graph.model.inputs[0].shape[1:])
    folded: dict[int, int] = {}
    for number, node in enumerate(graph.nodes):
        if id(node) not in folded:
            _read(node, _activation_after(graph, number, folded), network)
    return network


def _activation_after(graph: KerasGraph, number: int, folded: dict[int, int]) -> KerasNode | None:
    """Return the ReLU that alone reads a normalisation or a sum, which compute it on the way."""
    node = graph.nodes[number]
    if type(node.layer) not in TAKE_A_RELU or graph.readers(node.output) != 1:
        return None
    for reader in graph.nodes[number + 1 :]:
        if node.output in reader.inputs:
            if not _is_relu(reader.layer):
                return None
            folded[id(reader)] = number
            return reader
    return None


def _is_relu(layer: Any) -> bool:
    if type(layer) is layers.ReLU:
        return layer.max_value is None and layer.negative_slope == 0 and layer.threshold == 0
    return type(layer) is layers.Activation and layer.activation is keras.activations.relu


def _read(node: KerasNode, activation: KerasNode | None, network: Network) -> None:
    layer = node.layer
    reader = READERS.get(type(layer), _unknown)
    _require(reader is not _unknown, f"{node.name} is a {type(layer).__name__}")
    _require(node.is_first_call and len(node.outputs) == 1, f"{node.name} is called twice, or has several outputs")
    policy = getattr(getattr(layer, "dtype_policy", None), "compute_dtype", "float32")
    _require(policy == "float32", f"{node.name} computes in {policy}")
    _require(layer.trainable or not layer.weights, f"{node.name} is not trained")
    for name in UNKNOWN_SETTINGS:
        _require(getattr(layer, name, None) is None, f"{node.name} has a {name}")
    output = (activation or node).output
    network.shapes[output] = shape_of((activation or node).output_shape)
    read = reader(node, output, activation is not None, network)
    network.operations += read
    if layer.trainable_variables or any(one in network.trainable for one in node.inputs):
        network.trainable |= {one.written for one in read}


def shape_of(sizes: tuple[int, ...]) -> Shape:
    """Return the shape of a tensor (rows, columns, channels) or (channels,).

    Raises:
        UnsupportedLayerError: it has another rank.
    """
    _require(len(sizes) in (1, 3), f"a tensor has the shape {sizes}")
    return Shape(sizes[-1], *sizes[:-1])


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise UnsupportedLayerError(f"The compiled step does not know this network: {reason}.")


def _convolution(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    layer, read = node.layer, network.shapes[node.inputs[0]]
    depthwise = type(layer) is layers.DepthwiseConv2D
    _require(layer.data_format == "channels_last", f"{node.name} has its channels first")
    _require(layer.padding in ("same", "valid"), f"{node.name} pads by {layer.padding}")
    _require(layer.activation in (None, keras.activations.linear), f"{node.name} has an activation of its own")
    window, (rows, columns) = window_of(read, layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding)
    written = network.shapes[output]
    _require((rows, columns) == (written.rows, written.columns), f"{node.name} writes {written}")
    places = network.weights.places(layer.kernel)  # rows, columns, channels a group, filters
    if depthwise:
        places = places.transpose(2, 3, 0, 1)[:, :, None]
    else:
        groups = layer.groups
        places = places.reshape(*places.shape[:3], groups, -1).transpose(3, 4, 2, 0, 1)
    return [Convolution(node.inputs[0], output, window, np.ascontiguousarray(places), layer.bias)]


def _dense(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    layer = node.layer
    _require(layer.activation in (None, keras.activations.linear), f"{node.name} has an activation of its own")
    _require(len(node.input_shapes[0]) == 1, f"{node.name} reads {node.input_shapes[0]}")
    window, _ = window_of(network.shapes[node.inputs[0]], (1, 1), (1, 1), (1, 1), "valid")
    places = network.weights.places(layer._kernel).T[None, :, :, None, None]
    return [Convolution(node.inputs[0], output, window, np.ascontiguousarray(places), layer.bias)]


def _normalisation(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    layer = node.layer
    _require(layer.scale and layer.center and not layer.renorm, f"{node.name} has no scale or no shift")
    _require(layer.axis in (-1, len(node.input_shapes[0])), f"{node.name} normalises the axis {layer.axis}")
    return [Normalisation(node.inputs[0], output, layer, activated, (network.shapes[output].rows,))]


def _sub_spectral(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    layer, rows = node.layer, network.shapes[output].rows
    return [Normalisation(node.inputs[0], output, layer, activated, tuple(band_sizes(rows, layer.sub_bands)))]


def _strided_rows(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    window = Window((3, 1), (2, 1), (1, 1), (1, 0))
    places = network.weights.places(node.layer.kernel).transpose(2, 3, 0, 1)[:, :, None]
    return [Convolution(node.inputs[0], output, window, np.ascontiguousarray(places))]


def _average(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    """Average by a depthwise convolution of equal weights."""
    layer, read = node.layer, network.shapes[node.inputs[0]]
    _require(layer.data_format == "channels_last" and layer.padding == "valid", f"{node.name} pads")
    window, _ = window_of(read, layer.pool_size, layer.strides, (1, 1), "valid")
    share = network.weights.constant(1 / math.prod(layer.pool_size))
    places = np.full((read.channels, 1, 1, *layer.pool_size), share, np.int64)
    return [Convolution(node.inputs[0], output, window, places, is_fixed=True)]


def _sum(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    whole = network.shapes[output]
    for shape in (network.shapes[one] for one in node.inputs):
        _require(shape in (whole, replace(whole, rows=1)), f"{node.name} adds maps of different shapes")
    return [Sum(node.inputs, output, activated)]


def _activation(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    if _is_relu(node.layer):
        return [Sum(node.inputs, output, True)]
    kind = _kind_of_activation(node.layer)
    _require(kind in ACTIVATIONS, f"{node.name} is another activation")
    return [Activation(node.inputs[0], output, kind)]


def _kind_of_activation(layer: Any) -> str:
    if type(layer) is layers.Activation:
        return str(layer.activation.__name__)
    is_relu6 = layer.max_value == 6 and layer.negative_slope == 0 and layer.threshold == 0
    return "relu6" if is_relu6 else "other"


def _mean(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    _require(node.layer.data_format == "channels_last", f"{node.name} has its channels first")
    return [Mean(node.inputs[0], output)]


def _dropout(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    if node.layer.rate == 0:
        return [Sum(node.inputs, output, False)]
    seeds = Seeds(node.layer)
    network.seeds.append(seeds)
    return [Dropout(node.inputs[0], output, node.layer, seeds)]


def _movement(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    """Find out by numbers what goes where."""
    shape = network.shapes[node.inputs[0]]
    numbers = np.arange(shape.positions * shape.channels, dtype=np.float64) + 1
    channels_last = numbers.reshape(shape.channels, shape.rows, shape.columns).transpose(1, 2, 0)
    moved = moved_by(node.layer, channels_last.reshape(node.input_shapes[0]))
    order = moved[None, None] if moved.ndim == 1 else moved
    return [Movement(node.inputs[0], output, order.transpose(2, 0, 1).astype(np.int64) - 1)]


def moved_by(layer: Any, values: np.ndarray) -> np.ndarray:
    """Return what a layer that moves values makes of one clip's."""
    if type(layer) is layers.Permute:
        return values.transpose([axis - 1 for axis in layer.dims])
    if type(layer) is layers.ZeroPadding2D:
        return np.pad(values, (*layer.padding, (0, 0)))
    if type(layer) is layers.Flatten:
        return values.reshape(-1)
    return values.reshape(layer.target_shape)


def _unknown(node: KerasNode, output: int, activated: bool, network: Network) -> list[Operation]:
    return []


Reader = Callable[[KerasNode, int, bool, Network], list[Operation]]
READERS: dict[Any, Reader] = {
    layers.Conv2D: _convolution,
    layers.DepthwiseConv2D: _convolution,
    layers.Dense: _dense,
    layers.BatchNormalization: _normalisation,
    layers.Add: _sum,
    layers.ReLU: _activation,
    layers.Activation: _activation,
    layers.AveragePooling2D: _average,
    SubSpectralNormalization: _sub_spectral,
    StridedRowsDepthwiseConv2D: _strided_rows,
    layers.GlobalAveragePooling2D: _mean,
    layers.Dropout: _dropout,
    layers.SpatialDropout2D: _dropout,
    layers.Permute: _movement,
    layers.Reshape: _movement,
    layers.Flatten: _movement,
    layers.ZeroPadding2D: _movement,
}
