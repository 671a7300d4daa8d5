"""Any network of the zoo with other filters and kernels: the parameters `widths` and `kernels` that every family has.

A pruned or a searched network is an ordinary member of the registry this way: widths `{"stem_conv": 12}` and kernels
`{"stem_conv": (9, 1)}` name the layers that differ, and all others follow from what they read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from tfkws.errors import ModelError
from tfkws.graphs.layer_kinds import find_kind
from tfkws.models.strided_pointwise import skipping_first

Widths = Mapping[str, int]
Kernels = Mapping[str, Sequence[int]]


def with_sizes(network: keras.Model, widths: Widths | None = None, kernels: Kernels | None = None) -> keras.Model:
    """Rebuild a network, with fresh weights, from its own layers with other sizes.

    Args:
        widths: filters of a Conv2D or units of a Dense, by the layer's name.
        kernels: (height, width) of a Conv2D or DepthwiseConv2D that pads "same", by the layer's name.

    Raises:
        ModelError: there is no such layer, a size is below 1, or the sizes do not fit where maps are added.
    """
    changes = size_changes(network, widths or {}, kernels or {})
    try:
        return keras.models.clone_model(network, clone_function=lambda layer: _resized(layer, changes))
    except ValueError as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{network.name} cannot have these widths ({reason}); make equal what is added.") from error


def size_changes(network: keras.Model, widths: Widths, kernels: Kernels) -> dict[str, dict[str, Any]]:
    """Return by layer the entries of its Keras config that change.

    Raises:
        ModelError: as `with_sizes`, but whether maps that are added fit is not seen here.
    """
    layers: dict[str, Any] = {layer.name: layer for layer in network.layers}
    changes: dict[str, dict[str, Any]] = {}
    for name, size in widths.items():
        kind = find_kind(layers.get(name))
        if kind is None or not kind.width_setting or name == "logits":
            raise ModelError(f"widths must name convolutions of {network.name}. Received {name}.")
        changes[name] = {kind.width_setting: _whole(size, "widths", name)}
    for name, sizes in kernels.items():
        if not can_change_kernel(layers.get(name)):
            raise ModelError(f'kernels must name convolutions of {network.name} that pad "same". Received {name}.')
        if isinstance(sizes, str) or not isinstance(sizes, Sequence) or len(sizes) != 2:
            raise ModelError(f"kernels must be pairs of height and width. Received {sizes} for {name}.")
        changes.setdefault(name, {})["kernel_size"] = tuple(_whole(size, "kernels", name) for size in sizes)
    return changes


def can_change_kernel(layer: Any) -> bool:
    """Return whether another kernel size leaves the shape of the layer's output as it is.

    That is so for a convolution that pads "same", unless its class fixes the kernel.
    """
    kind = find_kind(layer)
    return kind is not None and kind.can_change_kernel and layer.padding == "same"


def _whole(size: Any, setting: str, layer: str) -> int:
    if not isinstance(size, int) or size < 1:
        raise ModelError(f"{setting} must be whole numbers of at least 1. Received {size} for {layer}.")
    return size


def _resized(layer: Any, changes: Mapping[str, Mapping[str, Any]]) -> Any:
    config = layer.get_config() | changes.get(layer.name, {})
    if isinstance(layer, keras.layers.Reshape) and layer.target_shape[-1] == layer.input.shape[-1]:
        config["target_shape"] = (*layer.target_shape[:-1], -1)  # keeps the channels, however many they are
    return skipping_first(type(layer).from_config(config))
