"""What a converter leaves of a Keras model's parameters: the folding rules, as a prediction that tests hold to.

1. Every convolution and dense layer has a bias, one value an output channel; zeros where Keras has none.
2. A batch normalisation whose input only it reads, straight from a convolution, vanishes into kernel and bias.
3. Any other batch normalisation becomes MUL and ADD with one constant a channel each; a sub-spectral one with one
   constant a row and channel each.
4. A depthwise convolution with stride over rows only is two operators and has two biases.
5. Dropout, and pooling and reshaping of a 1 x 1 map, vanish; ReLU and ReLU6 fuse; SiLU becomes LOGISTIC and MUL.

None of them changes the number of multiply-accumulates.
"""

from math import prod

import keras

from tfkws.graphs.keras import KerasGraph, KerasNode, read_plain_graph


def folded_params(model: keras.Model) -> int:
    """Count the constants of all operators that the float32 .tflite file of a model will hold."""
    graph = read_plain_graph(model)
    writers = {node.output: node for node in graph.nodes}
    return sum(_folded(node, graph, writers) for node in graph.nodes)


def _folded(node: KerasNode, graph: KerasGraph, writers: dict[int, KerasNode]) -> int:
    kind, channels = node.kind, node.output_shape[-1]
    if kind.kernel_axis is not None:
        return prod(node.layer.kernel.shape) + kind.file_biases * channels
    if not kind.is_norm or folds(node, graph, writers):
        return 0
    return 2 * channels * (node.output_shape[0] if kind.norm_constants == "row and channel" else 1)


def folds(node: KerasNode, graph: KerasGraph, writers: dict[int, KerasNode]) -> bool:
    """Return whether a normalisation vanishes into the convolution that wrote its input.

    Args:
        node: of the normalisation.
        writers: the node that writes each tensor, by the tensor's id.
    """
    source = writers.get(node.inputs[0])
    if source is None or node.kind.norm_constants != "channel":
        return False
    return source.kind.takes_norm == "all" and graph.readers(node.inputs[0]) == 1
