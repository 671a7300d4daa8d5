"""A detector's own rules."""

import pytest

from tfkws.config import DetectorConfig
from tfkws.errors import ConfigError


def test_a_window_is_at_least_one_hop_long() -> None:
    assert DetectorConfig(hop_ms=300.0).window_ms == 300.0
    with pytest.raises(ConfigError, match="window_ms must be at least hop_ms. Received 99"):
        DetectorConfig(window_ms=99)


def test_a_threshold_is_a_probability() -> None:
    with pytest.raises(ConfigError, match="threshold must lie above 0 and be at most 1. Received 0"):
        DetectorConfig(threshold=0)
