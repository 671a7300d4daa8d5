"""A detector's own rules."""

import pytest

from tfkws.config import DetectorConfig
from tfkws.config.detector import ListenConfig
from tfkws.errors import ConfigError


def test_a_window_is_at_least_one_hop_long() -> None:
    assert DetectorConfig(hop_ms=300.0).window_ms == 300.0
    with pytest.raises(ConfigError, match="window_ms must be at least hop_ms. Received 99"):
        DetectorConfig(window_ms=99)


def test_a_threshold_is_a_probability() -> None:
    with pytest.raises(ConfigError, match="threshold must lie above 0 and be at most 1. Received 0"):
        DetectorConfig(threshold=0)


def test_no_gate_and_no_near_misses_by_default() -> None:
    assert (ListenConfig().gate_db, ListenConfig().near_miss) == (None, None)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("gate_db", 3.0, "must lie in -200..0"),
        ("near_miss", 0.0, "must lie above 0"),
        ("max_delay_ms", -1.0, "must be at least 0"),
        ("raw_format", "s24le", "must be s16le, s32le or f32le"),
        ("raw_rate_hz", 100, "must lie in 4000..384000"),
        ("raw_channels", 0, "must lie in 1..64"),
    ],
)
def test_what_cannot_be_is_refused(field: str, value: float, sentence: str) -> None:
    with pytest.raises(ConfigError, match=f"ListenConfig.{field} {sentence}"):
        ListenConfig(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["window_ms", "refractory_ms", "chunk_ms"])
@pytest.mark.parametrize("value", [1e308, 3_600_001.0])
def test_times_are_bounded(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"DetectorConfig.{name} must be 1 to 3600000 ms"):
        DetectorConfig(**{name: value})  # type: ignore[arg-type]


def test_no_hop_is_so_short_that_a_window_of_them_fills_the_memory() -> None:
    with pytest.raises(ConfigError, match="DetectorConfig.hop_ms must be 1 to 3600000 ms"):
        DetectorConfig(hop_ms=1e-300)


@pytest.mark.parametrize("value", [1e308, float("inf")])
def test_times_of_listening_are_bounded(value: float) -> None:
    for name in ("max_delay_ms", "before_ms", "after_ms"):
        with pytest.raises(ConfigError, match=f"ListenConfig.{name} must be"):
            ListenConfig(**{name: value})  # type: ignore[arg-type]
