"""A narrower network as a member of the registry: name and parameters that build it."""

from collections.abc import Mapping
from dataclasses import replace

from tfkws.config import ModelConfig
from tfkws.models import seed_cnn
from tfkws.models.conv_units import DEFAULT_STRIDES, decode_units, encode_units
from tfkws.models.registry import entries, find


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
