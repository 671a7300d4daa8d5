"""Any network of the zoo with other numbers of filters: the parameter `widths` that every family has.

A pruned network is an ordinary member of the registry this way: `{"stem_conv": 12, "stage1_block1_conv1": 9}` names the
convolutions and dense layers that differ, and all others follow from what they read.
"""

from collections.abc import Mapping
from typing import Any

import keras

from tfkws.errors import ModelError

SIZE_OF = {keras.layers.Conv2D: "filters", keras.layers.Dense: "units"}


def with_widths(network: keras.Model, widths: Mapping[str, int]) -> keras.Model:
    """Rebuild a network, with fresh weights, from its own layers with other sizes.

    Args:
        widths: filters of a Conv2D or units of a Dense, by the layer's name.

    Raises:
        ModelError: there is no such layer, a size is below 1, or the sizes do not fit where maps are added.
    """
    _check(network, widths)
    try:
        return keras.models.clone_model(network, clone_function=lambda layer: _resized(layer, widths))
    except ValueError as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"{network.name} cannot have these widths ({reason}); make equal what is added.") from error


def _check(network: keras.Model, widths: Mapping[str, int]) -> None:
    sized = {layer.name for layer in network.layers if type(layer) in SIZE_OF} - {"logits"}
    unknown = sorted(set(widths) - sized)
    if unknown:
        raise ModelError(f"widths must name convolutions of {network.name}. Received {', '.join(unknown)}.")
    small = [name for name, size in widths.items() if not isinstance(size, int) or size < 1]
    if small:
        raise ModelError(f"widths must be whole numbers of at least 1. Received {widths[small[0]]} for {small[0]}.")


def _resized(layer: Any, widths: Mapping[str, int]) -> Any:
    config = layer.get_config()
    if layer.name in widths:
        config[SIZE_OF[type(layer)]] = widths[layer.name]
    if isinstance(layer, keras.layers.Reshape) and layer.target_shape[-1] == layer.input.shape[-1]:
        config["target_shape"] = (*layer.target_shape[:-1], -1)  # keeps the channels, however many they are
    return type(layer).from_config(config)
