"""Exact cost of candidates before any training."""

from functools import cache
from typing import Any

from tfkws.cost.formulas import dense_macs
from tfkws.models.conv_units import ConvUnit, conv_macs, decode_units
from tfkws.tuner.problem import KnownCost
from tfkws.tuner.space import SearchSpace
from tfkws.tuner.trials import trial_key


def known_costs(space: SearchSpace, input_shape: tuple[int, int, int], num_classes: int) -> dict[str, KnownCost]:
    """Return "macs" and "param_count" (trainable parameters) as functions of values.

    For the seed CNN they are closed formulas; other networks are built and counted, each once.
    """

    @cache
    def costs(key: Any) -> tuple[int, int]:
        variant = space.model_variant(dict(key))
        if space.model == "seed_cnn":
            return seed_cnn_cost(variant, input_shape, num_classes)
        return _counted(space.model, variant, input_shape, num_classes)

    def cost(position: int) -> KnownCost:
        return lambda values: costs(trial_key(values))[position]

    return {"macs": cost(0), "param_count": cost(1)}


def seed_cnn_cost(variant: dict[str, Any], input_shape: tuple[int, int, int], num_classes: int) -> tuple[int, int]:
    """(MACs, trainable parameters) of a `seed_cnn` without building it: convolutions, batch norms, dense layer."""
    units = decode_units(**variant)
    last = units[-1].filters
    macs = conv_macs(units, input_shape) + dense_macs(last, num_classes)
    return macs, _conv_params(units, input_shape[2]) + (last + 1) * num_classes


def _conv_params(units: tuple[ConvUnit, ...], channels: int) -> int:
    """Weights of the convolutions, and scale and shift of the batch norms behind them."""
    total = 0
    for unit in units:
        total += unit.kernel_height * unit.kernel_width * channels * unit.filters + 2 * unit.filters
        channels = unit.filters
    return total


def _counted(model: str, variant: dict[str, Any], input_shape: Any, num_classes: int) -> tuple[int, int]:
    import keras

    from tfkws.cost import count
    from tfkws.models import build_model

    report = count(build_model(model, input_shape=input_shape, num_classes=num_classes, **variant))
    keras.utils.clear_session()
    return report.macs, report.params
