"""Rebuild a network without some of its channels, with the weights of those that stay."""

from collections.abc import Mapping
from dataclasses import replace

import keras
import numpy as np

from tfkws.compression.pruning.channel_classes import ChannelClasses, LayerChannels
from tfkws.config import ModelConfig
from tfkws.models import seed_cnn
from tfkws.models.conv_units import DEFAULT_STRIDES, decode_units, encode_units
from tfkws.models.layer_sizes import with_sizes
from tfkws.models.registry import entries, find


def widths_after(classes: ChannelClasses, kept: np.ndarray) -> dict[str, int]:
    """Return the filters or units (int) of the convolutions and dense layers that become narrower.

    Args:
        kept: bool (classes,).
    """
    narrowed = [one for one in classes.layers if one.kind.mixes_channels and not kept[one.writes].all()]
    return {one.layer.name: int(kept[one.writes].sum()) for one in narrowed}


def shrink(network: keras.Model, classes: ChannelClasses, kept: np.ndarray) -> keras.Model:
    """Build the smaller network and give it the weights of the channels that stay.

    Args:
        classes: of `network`.
        kept: bool array of shape (classes,); fixed classes are kept.
    """
    smaller = with_sizes(network, widths_after(classes, kept))
    transfer(classes, kept, smaller)
    return smaller


def transfer(classes: ChannelClasses, kept: np.ndarray, smaller: keras.Model) -> None:
    """Copy the weights of kept channels into a network of the same layers, built as wide as what is kept.

    Args:
        kept: bool array of shape (classes,).
    """
    for one in classes.layers:
        smaller.get_layer(one.layer.name).set_weights(_kept_weights(one, kept))


def _kept_weights(one: LayerChannels, kept: np.ndarray) -> list[np.ndarray]:
    """Weights of one layer: kernels (..., in, out), depthwise kernels (..., c, 1), all else (..., out)."""
    reads, writes = kept[one.reads], kept[one.writes]
    kernel = one.layer.kernel.path if one.kind.kernel_axis is not None else ""
    sliced = []
    for weight in one.layer.weights:
        values = np.asarray(weight)
        if weight.path == kernel:
            values = values[..., reads, :]
            values = values[..., writes] if one.kind.mixes_channels else values
        else:
            values = values[..., writes]
        sliced.append(values)
    return sliced


def narrowed_model(model: ModelConfig, widths: Mapping[str, int]) -> ModelConfig:
    """Say which network of the registry has these widths.

    The seed CNN has a text for it, `convs`, and then is no named variant any more; all others take `widths`.

    Args:
        widths: filters or units by layer; layers that are not named stay as they are.
    """
    entry = find(entries(), model.name)
    variant = {**entry.variant.values, **model.variant}
    if entry.family is not seed_cnn.FAMILY:
        return ModelConfig(model.name, {**model.variant, "widths": {**variant.get("widths", {}), **widths}})
    units = decode_units(variant["convs"], variant.get("strides", DEFAULT_STRIDES))
    names = [f"unit{number}_conv" for number in range(1, len(units) + 1)]
    narrower = (replace(unit, filters=widths.get(name, unit.filters)) for name, unit in zip(names, units, strict=True))
    return ModelConfig("seed_cnn", {**variant, "convs": encode_units(tuple(narrower))[0]})
