"""A network as a list of plain layers, from which every framework builds the same one by its own means."""

from typing import Any

Layer = dict[str, Any]  # kind, inputs, output, and the settings of the kind; JSON-ready


def describe(model: Any) -> list[Layer]:
    """Return the layers of a Keras model in execution order, without its softmax.

    Tensors are numbered, the input is 0; maps are (rows, frames, channels). The kinds:

    - `relu`, `silu`, `add`, `dense` (units), `dropout`, `map_dropout` (rate; whole channels)
    - `conv`, `depthwise` (filters of the former, kernel, strides, padding, dilation, bias)
    - `strided_rows`: depthwise, 3 x 1, stride 2 over rows, a row of zeros above and below
    - `norm` (momentum, epsilon), `band_norm` (besides: sizes of the bands, in rows)
    - `mean_rows`, which keeps one row, and `mean`, which keeps only channels
    - `rows_to_channels`: (rows, frames, 1) to (frames, 1, rows)
    - `pad_frames`: zeros on both sides (width)

    Raises:
        ValueError: a layer is of another kind.
    """
    from tfkws.graphs.keras import read_graph

    graph = read_graph(model)
    same: dict[int, int] = {}  # a tensor that stands for another
    layers: list[Layer] = []
    for node in graph.nodes:
        inputs = [same.get(tensor, tensor) for tensor in node.inputs]
        kind = type(node.layer).__name__
        if kind == "InputLayer":
            continue
        if kind in ("Permute", "Softmax"):  # the former belongs to the reshape behind it
            same[node.output] = inputs[0]
            continue
        layers.append({"name": node.name, "inputs": inputs, "output": node.output, **_settings(kind, node.layer)})
    return _numbered(layers, graph.inputs[0])


def _settings(kind: str, layer: Any) -> dict[str, Any]:
    if kind not in _KINDS:
        raise ValueError(f"the peers have no layer of kind {kind}")
    name, read = _KINDS[kind]
    return {"kind": name(layer) if callable(name) else name, **read(layer)}


def _nothing(layer: Any) -> dict[str, Any]:
    return {}


def _rate(layer: Any) -> dict[str, Any]:
    return {"rate": layer.rate}


def _convolution(layer: Any) -> dict[str, Any]:
    found = {
        "kernel": list(layer.kernel_size),
        "strides": list(layer.strides),
        "padding": layer.padding,
        "dilation": list(layer.dilation_rate),
        "bias": layer.use_bias,
    }
    return found | ({} if hasattr(layer, "depth_multiplier") else {"filters": layer.filters})


def _norm(layer: Any) -> dict[str, Any]:
    return {"momentum": layer.momentum, "epsilon": layer.epsilon}


def _band_norm(layer: Any) -> dict[str, Any]:
    edges = [int(edge) for edge in layer.edges]
    return _norm(layer) | {"bands": [high - low for low, high in zip(edges, edges[1:], strict=False)]}


_KINDS: dict[str, tuple[Any, Any]] = {
    "Conv2D": ("conv", _convolution),
    "DepthwiseConv2D": ("depthwise", _convolution),
    "StridedRowsDepthwiseConv2D": ("strided_rows", _nothing),
    "BatchNormalization": ("norm", _norm),
    "SubSpectralNormalization": ("band_norm", _band_norm),
    "ReLU": ("relu", _nothing),
    "Activation": (lambda layer: layer.activation.__name__, _nothing),
    "Add": ("add", _nothing),
    "Dropout": ("dropout", _rate),
    "SpatialDropout2D": ("map_dropout", _rate),
    "AveragePooling2D": ("mean_rows", _nothing),
    "GlobalAveragePooling2D": ("mean", _nothing),
    "Reshape": ("rows_to_channels", _nothing),
    "ZeroPadding2D": ("pad_frames", lambda layer: {"width": layer.padding[1][0]}),
    "Dense": ("dense", lambda layer: {"units": layer.units}),
}


def _numbered(layers: list[Layer], first: int) -> list[Layer]:
    numbers = {first: 0} | {layer["output"]: number for number, layer in enumerate(layers, start=1)}
    return [
        layer | {"inputs": [numbers[tensor] for tensor in layer["inputs"]], "output": numbers[layer["output"]]}
        for layer in layers
    ]
