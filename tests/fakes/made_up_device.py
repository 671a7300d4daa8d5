"""Profiles of random networks on a made-up device whose rule is known."""

from typing import Any

import numpy as np

from tfkws.models.conv_units import ConvUnit
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, seed_cnn_shapes
from tfkws.tflite.latency_model.profiles import Circumstances, NetworkProfile, ProfileSet

HERE = Circumstances("made-up", "us", "none", "xnnpack", 1, "1.0", "no processor")


INPUT = (40, 32, 1)


def made_up(shape: OperatorShape) -> float:
    """A device that computes 16 outputs at a time, slower at small kernels, and waits for memory."""
    padded = shape.work / shape.outputs * (-(-shape.outputs // 16) * 16)
    rate = 40_000 if shape.kind == "CONV_2D 1x1" else 60_000
    return padded / rate + shape.bytes_moved / 20_000 + 0.2


def random_units(rng: np.random.Generator) -> tuple[ConvUnit, ...]:
    sizes = [(int(rng.integers(1, 6)), round(float(np.exp(rng.uniform(0, np.log(100)))))) for _ in range(6)]
    return tuple(ConvUnit(k, k, f, 1, 1 + (i == 0)) for i, (k, f) in enumerate(sizes))


def network(units: tuple[ConvUnit, ...], rng: np.random.Generator, noise: float, **extra: Any) -> NetworkProfile:
    shapes = seed_cnn_shapes(units, INPUT, 10, "none")
    values = tuple(made_up(shape) * float(np.exp(noise * rng.normal())) for shape in shapes)
    whole = (3.0 + 1.05 * sum(map(made_up, shapes))) * float(np.exp(noise * rng.normal()))
    return NetworkProfile(f"{units}", whole, shapes, values, **extra)


def profiles(count: int, seed: int = 0, noise: float = 0.02, here: Circumstances = HERE) -> ProfileSet:
    rng = np.random.default_rng(seed)
    ends = [tuple(ConvUnit(k, k, f, 1, 1 + (i == 0)) for i in range(6)) for k in (1, 2, 5) for f in (1, 100)]
    networks = [network(units, rng, noise, anchor=True) for units in ends]
    return ProfileSet(here, (*networks, *[network(random_units(rng), rng, noise) for _ in range(count)]))
