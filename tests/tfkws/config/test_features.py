"""A front end's own rules."""

from dataclasses import replace
from typing import Any

import pytest

from tfkws.config import FeatureConfig
from tfkws.errors import ConfigError

FEATURES = FeatureConfig("mfcc-40x32", "mfcc", 2048, 512, 2048, 40, 40, 32, True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"high_hz": 9000.0}, "half the sample rate"),
        ({"low_hz": -1.0}, "0 <= low_hz"),
        ({"fft_length": 1024}, "fft_length must be at least window_samples"),
        ({"hop_samples": 0}, r"hop_samples must lie in 1\.\.131072"),
        ({"frames": 1 << 18}, r"frames must lie in 1\.\.131072"),
        ({"row_mean": (0.5, 1.0)}, "row_mean must have one number for each of 40 rows"),
        ({"row_std": (1.0,) * 39 + (0.0,)}, "row_std must be a tuple, each of which must be above 0"),
    ],
)
def test_values_that_do_not_fit_are_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        replace(FEATURES, **change)


def test_input_shape_follows_the_order_of_axes() -> None:
    assert FEATURES.input_shape == (40, 32, 1)
    assert replace(FEATURES, time_first=True).input_shape == (32, 40, 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hop_samples": 320}, "hop_samples of microWakeWord's front end is 160. Received 320"),
        ({"low_hz": 20.0}, "low_hz of microWakeWord's front end is 125"),
        ({"centred": True}, "neither centred nor normalised"),
        ({"row_mean": (0.0,) * 40, "row_std": (1.0,) * 40}, "neither centred nor normalised"),
    ],
)
def test_microwakewords_settings_are_fixed(change: dict[str, Any], sentence: str) -> None:
    micro = FeatureConfig("m", "micro", 480, 160, 512, 40, 40, 98, False, 125.0, 7500.0)
    assert micro.value_range == (0.0, 26.0) and FEATURES.value_range is None
    assert replace(micro, frames=194).frames == 194
    with pytest.raises(ConfigError, match=sentence):
        replace(micro, **change)
