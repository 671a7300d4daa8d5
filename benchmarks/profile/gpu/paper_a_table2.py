"""Paper A's Table 2 as printed: time of a layer of each class on a Mac's GPU and on a Raspberry Pi's CPU."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.profile.gpu.measured import PROFILES
from benchmarks.zoo_files import WAKE_WORD
from tfkws.run_folder import read_json

Cell = tuple[float | None, float | None]  # Mac, Pi; None where the print cannot be read


@dataclass(frozen=True)
class ClassTime:
    """Mean time of one layer of a class, ms, and the class's share of the network's time, percent."""

    ms: Cell
    share: Cell


TABLE_2: Mapping[str, Mapping[str, ClassTime]] = {
    "dscnn": {
        "Conv2d": ClassTime((0.236, 1.411), (39.53, 53.09)),
        "BatchNorm2d": ClassTime((0.252, 1.149), (43.23, 43.22)),
        "ReLU": ClassTime((0.151, 0.134), (17.03, 3.40)),
        "Linear": ClassTime((0.347, 0.249), (1.12, 0.18)),
        "Dropout": ClassTime((0.029, 0.137), (0.09, 0.10)),
    },
    "efficientnet_b1": {
        "Conv2d": ClassTime((0.340, 1.348), (67.38, 60.05)),
        "BatchNorm2d": ClassTime((0.220, 1.437), (26.25, 38.43)),
        "Linear": ClassTime((0.300, 0.139), (0.52, 0.05)),
        "Dropout": ClassTime((0.020, 0.072), (0.03, 0.03)),
        "AveragePool2d": ClassTime((0.141, 0.155), (5.82, 1.44)),
    },
    "efficientnet_b7": {
        "Conv2d": ClassTime((0.240, 2.478), (None, 71.06)),
        "BatchNorm2d": ClassTime((0.177, 1.621), (30.03, 27.77)),
        "Linear": ClassTime((0.347, 0.592), (0.36, 0.06)),
    },
    "effnetv2_m": {
        "Conv2d": ClassTime((0.189, 2.865), (None, None)),
        "BatchNorm2d": ClassTime((0.201, 1.570), (41.02, 33.18)),
        "Linear": ClassTime((0.121, 0.434), (13.75, 5.11)),
        "AveragePool2d": ClassTime((0.118, 0.201), (6.76, 1.19)),
    },
    "effnetv2_xl": {
        "Conv2d": ClassTime((0.149, 3.921), (None, 69.63)),
        "BatchNorm2d": ClassTime((0.175, 1.277), (None, 22.20)),
        "Linear": ClassTime((0.104, 0.687), (14.47, 7.09)),
        "AveragePool2d": ClassTime((0.098, 0.216), (6.83, 1.12)),
    },
    "densenet_bc_190_40": {
        "Conv2d": ClassTime((0.130, 10.523), (32.68, 80.58)),
        "BatchNorm2d": ClassTime((0.190, 1.731), (47.89, None)),
        "ReLU": ClassTime((0.074, 0.816), (18.48, 6.07)),
        "Linear": ClassTime((0.267, 0.254), (0.47, 0.04)),
        "AveragePool2d": ClassTime((0.58, 3.283), (0.77, 0.49)),
    },
    "mnasnet1_0": {
        "Conv2d": ClassTime((0.197, 1.160), (39.41, 53.18)),
        "BatchNorm2d": ClassTime((0.228, 0.943), (45.68, 43.14)),
        "ReLU": ClassTime((0.096, 0.094), (12.90, 2.95)),
        "Linear": ClassTime((0.294, 0.322), (1.19, 0.30)),
        "Dropout": ClassTime((0.202, 0.473), (0.81, 0.44)),
    },
    "cnn": {
        "Conv2d": ClassTime((0.369, 12.938), (37.56, 68.67)),
        "BatchNorm2d": ClassTime((0.334, 3.656), (34.07, 19.41)),
        "ReLU": ClassTime((0.136, 0.543), (15.53, 3.24)),
        "MaxPool2d": ClassTime((0.235, 3.345), (7.49, 5.55)),
        "Linear": ClassTime((0.274, 24.692), (0.95, 24.58)),
        "Dropout": ClassTime((0.017, 0.215), (0.21, 0.06)),
    },
}

CATEGORIES = {  # ours that the paper's class holds
    "Conv2d": ("Conv2D", "DepthwiseConv2D"),
    "BatchNorm2d": ("BatchNorm",),
    "ReLU": ("ReLU and kin",),
    "MaxPool2d": ("MaxPool",),
    "Linear": ("Dense",),
    "Dropout": ("Dropout",),
    "AveragePool2d": ("AveragePool",),
}


@dataclass(frozen=True)
class ClassWork:
    """The layers of one of the paper's classes in one network: how many, and what they ask for together."""

    layers: int
    macs: int
    weight_bytes: int


def class_works(rows: list[dict[str, Any]], class_name: str) -> ClassWork:
    """Sum up the layers of a class over the rows of a layer profile."""
    own = [row for row in rows if row["category"] in CATEGORIES[class_name]]
    return ClassWork(len(own), sum(row["macs"] for row in own), sum(row["weight_bytes"] for row in own))


def read_class_works() -> dict[str, dict[str, ClassWork]]:
    """Count the layers behind every cell of the table, by network and class."""
    rows = {name: read_json(PROFILES / f"layers-cpu-jax-{name}.json")["rows"] for name in WAKE_WORD}
    return {name: {each: class_works(rows[name], each) for each in TABLE_2[name]} for name in WAKE_WORD}


def network_ms(works: Mapping[str, Mapping[str, ClassWork]], column: int) -> dict[str, float]:
    """Return the time of each network, ms, that the table implies: mean of a class times its layers, summed.

    Args:
        works: of `read_class_works`.
        column: 0 for the Mac, 1 for the Pi.
    """
    return {
        name: sum(works[name][each].layers * (time.ms[column] or 0.0) for each, time in classes.items())
        for name, classes in TABLE_2.items()
    }
