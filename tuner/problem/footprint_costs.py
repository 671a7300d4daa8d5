"""File size and arena of candidates' int8 files before any training, in KiB."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from tfkws.config import ARENA_KIB, FILE_KIB, MICRO_ARENA_KIB
from tfkws.cost.report import Footprint
from tfkws.models.conv_units import ConvUnit, decode_units, encode_units
from tfkws.strict_json import parse_json
from tfkws.tuner.problem.problem import KnownCost
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import trial_key

Measure = Callable[[Any], Footprint]  # of the int8 file of a Keras model, from the file


def footprint_costs(
    space: SearchSpace, input_shape: tuple[int, int, int], num_classes: int, measure: Measure, added_bytes: int = 0
) -> dict[str, KnownCost]:
    """Return "file_kib" and "arena_kib" as functions of values.

    One candidate of each structure is built and measured; those that differ in nothing but filters and kernels follow
    from it, on the safe side.

    Args:
        input_shape: (height, width, channels), without the batch.
        num_classes: of the task.
        measure: converts a Keras model.
        added_bytes: int, what is put into each file afterwards.
    """
    footprint = _footprints(space, input_shape, num_classes, measure)
    return {
        FILE_KIB: lambda values: footprint(trial_key(values)).with_added(added_bytes).file_kib,
        ARENA_KIB: lambda values: footprint(trial_key(values)).arena_kib,
    }


def micro_arena_costs(
    space: SearchSpace, input_shape: tuple[int, int, int], num_classes: int, measure: Measure
) -> dict[str, KnownCost]:
    """Return "arena_kib@micro" as a function of values: what TensorFlow Lite Micro asks for, its structures included.

    One candidate of each structure is measured. Those of other filters and kernels follow from it: at most 1.5 % above,
    and within 8 % either way where branches meet, whose operators a converter puts into an order of its own.

    Args:
        measure: converts a Keras model and runs it in TensorFlow Lite Micro.
    """
    footprint = _footprints(space, input_shape, num_classes, measure, micro=True)
    return {MICRO_ARENA_KIB: lambda values: footprint(trial_key(values)).arena_kib}


def _footprints(
    space: SearchSpace, input_shape: tuple[int, int, int], num_classes: int, measure: Measure, micro: bool = False
) -> Callable[[Any], Footprint]:
    """Return the function from the key of values to their footprint; each structure is measured once."""

    @cache
    def reference(settings: str) -> Callable[..., Footprint]:
        from tfkws.cost.int8_file import resized_footprint
        from tfkws.models import build_model

        network = build_model(space.model, input_shape, num_classes, **parse_json(settings))
        return resized_footprint(network, measure(network), micro)

    @cache
    def footprint(key: Any) -> Footprint:
        settings, sizes = _structure(space.model, space.model_variant(dict(key)))
        return reference(json.dumps(settings, sort_keys=True))(**sizes)

    return footprint


def _structure(model: str, variant: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split the arguments of a model into those that decide its layers, and their sizes."""
    rest = dict(variant)
    sizes = {name: rest.pop(name, {}) for name in ("widths", "kernels")}
    if model != "seed_cnn":
        return rest, sizes
    units = decode_units(**rest)
    alike = tuple(ConvUnit(3, 3, 16, unit.stride_height, unit.stride_width) for unit in units)
    named = {f"unit{number}_conv": unit for number, unit in enumerate(units, start=1)}
    widths = {name: unit.filters for name, unit in named.items()}
    kernels = {name: (unit.kernel_height, unit.kernel_width) for name, unit in named.items()}
    texts = dict(zip(("convs", "strides"), encode_units(alike), strict=True))
    return texts, {"widths": widths | sizes["widths"], "kernels": kernels | sizes["kernels"]}
