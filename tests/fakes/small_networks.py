"""One small network of every family of the zoo, as quick to build as its family allows."""

import dataclasses
import sys
from typing import Any
from unittest.mock import patch

import keras

from tfkws.models import build_model
from tfkws.models.efficientnet_v2 import SIZES
from tfkws.models.registry import entries

SMALL: dict[str, tuple[str, tuple[int, int, int], dict[str, Any]]] = {
    "seed_cnn": ("seed_cnn", (12, 8, 1), {"convs": "3x3,6 1x1,5 3x3,7"}),
    "ds_cnn": ("mlperf_ds_cnn", (16, 8, 1), {"filters": 6, "repeats": 2}),
    "bc_resnet": ("bc_resnet_1", (40, 32, 1), {}),
    "tc_resnet": ("tc_resnet8", (8, 16, 1), {}),
    "matchboxnet": ("matchboxnet_3x1x64", (8, 20, 1), {"block_count": 2, "channels": 8}),
    "mixednet": ("mixednet", (8, 40, 1), {"block_kernels": (3, 5), "channels": 8, "stem_channels": 6}),
    "densenet_bc": ("densenet_bc_100_12", (8, 8, 1), {"depth": 10, "growth": 4}),
    "efficientnet": ("efficientnet_b0", (32, 32, 1), {"width": 0.35, "depth": 0.1}),
    "efficientnet_v2": ("effnetv2_s", (32, 32, 1), {}),
    "mobilenet_v2": ("mobilenetv2_0_35", (32, 32, 1), {}),
    "mnasnet": ("mnasnet0_5", (32, 32, 1), {}),
    "vgg": ("vgg11", (32, 32, 1), {}),
}
# Where no setting makes a network small: constants of its family's module. Every kind of block stays, twice.
SHRUNK: dict[str, dict[str, Any]] = {
    "efficientnet_v2": {"SIZES": {"s": [dataclasses.replace(row, repeats=2, channels=8) for row in SIZES["s"]]}},
    "vgg": {"CHANNELS": (8, 8, 8, 8, 8), "DENSE_UNITS": 16},
}


def small_network(family: str) -> keras.Model:
    """Build the small network of a family, with four classes."""
    name, shape, variant = SMALL[family]
    constants = vars(sys.modules[entries()[name].family.builder.__module__])
    with patch.dict(constants, SHRUNK.get(family, {})):
        return build_model(name, shape, 4, **variant)
