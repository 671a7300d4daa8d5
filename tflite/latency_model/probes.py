"""Small networks of random sizes, whose operators span what a latency model is to cover. The same seed, the same files.

Four sorts: stacks of convolutions (the seed CNN), depthwise-separable ones (DS-CNN), residual ones (BC-ResNet), and
stacks with poolings and hidden dense layers. Anchors mark both ends of the range.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

import numpy as np

from tfkws.models.conv_units import ConvUnit, encode_units
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.recipes import get_recipe

Shape = tuple[int, int, int]

INPUTS = ((40, 32, 1), (49, 10, 1))  # of the front ends that small networks mostly have
RESIDUAL_INPUT = (40, 98, 1)  # that of BC-ResNet itself
CLASSES = (2, 10, 12, 35)
UNITS, MOST_FILTERS = 6, 100
POOLED = "pooled"  # not in the registry: networks of this kind are built here
TAUS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 6.0, 8.0)
CALIBRATION_MAPS = 8


@dataclass(frozen=True)
class Probe:
    """One network: how it is built, and whether it marks an end of the range."""

    name: str
    model: str
    input_shape: Shape
    num_classes: int
    variant: dict[str, Any] = field(default_factory=dict)
    anchor: bool = False


def make_probes(
    inputs: Sequence[Shape] = INPUTS, seed: int = 0, stacks: int = 28, separable: int = 12, pooled: int = 10
) -> tuple[Probe, ...]:
    """Draw probes, anchors first; by default 66 networks with more than 900 operators.

    Args:
        inputs: shapes (h, w, 1) that the networks take.
        seed: of the draw.
        stacks, separable, pooled: networks of each sort; the residual ones are always the same.
    """
    rng = np.random.default_rng(seed)
    drawn = [_stack(i, inputs, rng) for i in range(stacks)]
    drawn += [_separable(i, inputs, rng) for i in range(separable)]
    drawn += [_pooled(i, inputs, rng) for i in range(pooled)]
    by_size = sorted(inputs, key=prod)
    return (*_anchors(by_size[0], by_size[-1]), *_residual(), *drawn)


def _anchors(small: Shape, large: Shape) -> Iterator[Probe]:
    """The smallest and the largest of each sort."""
    yield Probe("anchor-points", "seed_cnn", small, 2, {"convs": " ".join(["1x1,1"] * UNITS)}, anchor=True)
    yield Probe("anchor-threes", "seed_cnn", small, 2, {"convs": " ".join(["3x3,1"] * UNITS)}, anchor=True)
    wide = f"4x10,{MOST_FILTERS} " + " ".join([f"5x5,{MOST_FILTERS}"] * (UNITS - 1))
    yield Probe("anchor-fives", "seed_cnn", large, 35, {"convs": wide}, anchor=True)
    products = f"5x5,{MOST_FILTERS} " + " ".join([f"1x1,{MOST_FILTERS}"] * (UNITS - 1))
    yield Probe("anchor-products", "seed_cnn", large, 35, {"convs": products}, anchor=True)
    yield Probe("anchor-ds-small", "mlperf_ds_cnn", small, 2, {"filters": 4, "repeats": 1}, anchor=True)
    yield Probe("anchor-ds-large", "mlperf_ds_cnn", large, 35, {"filters": 160, "repeats": 8}, anchor=True)
    sizes = {"filters": (2, 2), "hidden": 4}
    yield Probe("anchor-pooled-small", POOLED, small, 2, sizes, anchor=True)
    sizes = {"filters": (MOST_FILTERS, MOST_FILTERS), "hidden": 128}
    yield Probe("anchor-pooled-large", POOLED, large, 35, sizes, anchor=True)


def _stack(number: int, inputs: Sequence[Shape], rng: np.random.Generator) -> Probe:
    units = tuple(ConvUnit(*_kernel(i, rng), _log_uniform(rng, 1, MOST_FILTERS)) for i in range(UNITS))
    return Probe(f"stack-{number:02d}", "seed_cnn", *_task(inputs, rng), {"convs": encode_units(units)[0]})


def _kernel(position: int, rng: np.random.Generator) -> tuple[int, int]:
    """Square more often than not; the first one up to 4 x 10, the others up to 5 x 5."""
    if rng.random() < 0.6:
        side = int(rng.choice((1, 3, 5)))
        return side, side
    return int(rng.integers(1, 5 if position == 0 else 6)), int(rng.integers(1, 11 if position == 0 else 6))


def _separable(number: int, inputs: Sequence[Shape], rng: np.random.Generator) -> Probe:
    sizes = {"filters": _log_uniform(rng, 6, 128), "repeats": int(rng.integers(1, 9))}
    return Probe(f"separable-{number:02d}", "mlperf_ds_cnn", *_task(inputs, rng), sizes)


def _residual() -> Iterator[Probe]:
    for tau in TAUS:
        at_an_end = tau in (TAUS[0], TAUS[-1])
        yield Probe(f"residual-{tau:g}", "bc_resnet_1", RESIDUAL_INPUT, 12, {"tau": tau}, anchor=at_an_end)


def _pooled(number: int, inputs: Sequence[Shape], rng: np.random.Generator) -> Probe:
    filters = (_log_uniform(rng, 4, MOST_FILTERS), _log_uniform(rng, 4, MOST_FILTERS))
    sizes = {"filters": filters, "hidden": _log_uniform(rng, 8, 128)}
    return Probe(f"pooled-{number:02d}", POOLED, *_task(inputs, rng), sizes)


def _task(inputs: Sequence[Shape], rng: np.random.Generator) -> tuple[Shape, int]:
    return inputs[int(rng.integers(len(inputs)))], int(rng.choice(CLASSES))


def _log_uniform(rng: np.random.Generator, low: int, high: int) -> int:
    return round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))


def build_probe(probe: Probe) -> Any:
    """Build the Keras model; its weights are random by a seed, and nowhere zero, so that no operator is left out."""
    import keras

    from tfkws.models import build_model

    keras.utils.set_random_seed(0)
    task = (probe.input_shape, probe.num_classes)
    model = pooled_network(*task, **probe.variant) if probe.model == POOLED else build_model(
        probe.model, *task, **probe.variant
    )  # fmt: skip
    rng = np.random.default_rng(0)
    for layer in model.layers:
        layer.set_weights([w if w.ndim > 1 else rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return model


def pooled_network(input_shape: Shape, num_classes: int, filters: tuple[int, int], hidden: int) -> Any:
    """Convolution, max pooling, convolution, average pooling, and two dense layers."""
    import keras

    from tfkws.models import blocks

    inputs = x = blocks.image_input(input_shape)
    kinds: tuple[Literal["max", "average"], ...] = ("max", "average")
    for number, (kind, width) in enumerate(zip(kinds, filters, strict=True), start=1):
        name = f"stage{number}_conv"
        x = blocks.norm_activate(blocks.conv(x, name, width, 3), name, "relu")
        x = blocks.pool(x, f"stage{number}_pool", kind)
    x = keras.layers.Dense(hidden, "relu", name="head_dense")(keras.layers.Flatten(name="head_flatten")(x))
    return blocks.classify(inputs, x, num_classes)


def convert_probe(probe: Probe, recipe: str) -> TfliteFile:
    """Build a probe and convert it by a recipe, calibrated on random maps where that needs any."""
    import keras

    from tfkws.tflite.convert.keras_to_tflite import convert

    maps = np.random.default_rng(0).normal(size=(CALIBRATION_MAPS, *probe.input_shape)).astype(np.float32)
    converted = convert(build_probe(probe), get_recipe(recipe), maps)
    keras.utils.clear_session()
    return converted
