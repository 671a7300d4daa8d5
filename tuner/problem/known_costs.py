"""Exact costs of candidates before any training: multiply-accumulates (MACs) and trainable parameters."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from tfkws.cost.formulas import conv2d_macs, dense_macs, same_size
from tfkws.models.conv_units import ConvUnit, decode_units
from tfkws.tuner.problem.problem import KnownCost
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import trial_key

SizedCost = Callable[..., tuple[int, int]]


def known_costs(space: SearchSpace, input_shape: tuple[int, int, int], num_classes: int) -> dict[str, KnownCost]:
    """Return "macs" and "param_count" as functions of values: MACs of one example, and trainable parameters.

    For the seed CNN they are closed formulas. Other networks are built and counted, once for all candidates
    that differ in nothing but filters and kernels of single layers (`widths`, `kernels`).

    Args:
        input_shape: (height, width, channels), without the batch.
        num_classes: of the task.
    """
    base = cache(lambda settings: _sized_network(space.model, json.loads(settings), input_shape, num_classes))

    @cache
    def costs(key: Any) -> tuple[int, int]:
        variant = space.model_variant(dict(key))
        sizes = {name: variant.pop(name, {}) for name in ("widths", "kernels")}
        if space.model == "seed_cnn" and not any(sizes.values()):
            return seed_cnn_cost(variant, input_shape, num_classes)
        return base(json.dumps(variant, sort_keys=True))(**sizes)

    def cost(position: int) -> KnownCost:
        return lambda values: costs(trial_key(values))[position]

    return {"macs": cost(0), "param_count": cost(1)}


def seed_cnn_cost(variant: dict[str, Any], input_shape: tuple[int, int, int], num_classes: int) -> tuple[int, int]:
    """Return (MACs, trainable parameters) of a `seed_cnn` without building it.

    It consists of convolutions, batch norms and a dense layer; a closed formula counts each.
    """
    units = decode_units(**variant)
    last = units[-1].filters
    macs = conv_macs(units, input_shape) + dense_macs(last, num_classes)
    return macs, _conv_params(units, input_shape[2]) + (last + 1) * num_classes


def conv_macs(units: tuple[ConvUnit, ...], input_shape: tuple[int, int, int]) -> int:
    """Count the multiply-accumulates of all convolutions (paper B counts these alone), from (h, w, c)."""
    height, width, channels = input_shape
    total = 0
    for unit in units:
        height, width = same_size(height, unit.stride_height), same_size(width, unit.stride_width)
        total += conv2d_macs((height, width), (unit.kernel_height, unit.kernel_width), channels, unit.filters)
        channels = unit.filters
    return total


def _conv_params(units: tuple[ConvUnit, ...], channels: int) -> int:
    """Return the weights of the convolutions, with scale and shift of the batch norms behind them."""
    total = 0
    for unit in units:
        total += unit.kernel_height * unit.kernel_width * channels * unit.filters + 2 * unit.filters
        channels = unit.filters
    return total


def _sized_network(model: str, variant: dict[str, Any], input_shape: Any, num_classes: int) -> SizedCost:
    from tfkws.cost.resized import resized_costs
    from tfkws.models import build_model

    return resized_costs(build_model(model, input_shape=input_shape, num_classes=num_classes, **variant))
