"""A model fitted to the made-up device, for all tests of this folder."""

import pytest
from made_up_device import profiles

from tfkws.tflite.latency_model.fit import fit_latency_model
from tfkws.tflite.latency_model.model import LatencyModel


@pytest.fixture(scope="session")
def fitted() -> LatencyModel:
    """A model of 40 random networks and the six at the ends of the range."""
    return fit_latency_model(profiles(40))
