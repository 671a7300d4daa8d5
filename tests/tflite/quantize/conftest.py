"""The network that needs remedies, for all tests of this folder."""

import numpy as np
import pytest
from normalised_network import FRAMES, ROWS
from uneven_network import uneven

from tfkws.tflite.file.tflite_file import TfliteFile


@pytest.fixture(scope="session")
def network() -> TfliteFile:
    """Convolutions with ReLU whose channels differ a hundredfold, in float32."""
    return uneven("relu")


@pytest.fixture(scope="session")
def examples() -> np.ndarray:
    """Inputs of the normalised network, far from zero, float32 (48, rows, frames, 1)."""
    return (np.random.default_rng(4).normal(size=(48, ROWS, FRAMES, 1)) + 8).astype(np.float32)
