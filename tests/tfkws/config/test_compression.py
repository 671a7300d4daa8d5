"""What to do to a network: something, and enough steps of it."""

from typing import Any, get_args

import pytest

from tfkws.compression.pruning.importance import CRITERIA
from tfkws.config import Compression, Importance
from tfkws.errors import ConfigError


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Say what to do: --quantization-aware, --prune-macs SHARE, or both"),
        ({"prune_macs": 1.0}, "prune_macs must lie from 0 to below 1. Received 1.0"),
        ({"prune_macs": 0.5, "steps": 0}, "steps must be at least 1. Received 0"),
        ({"prune_macs": 0.5, "steps": 3, "iterations": 2}, "at least one for each of 3 steps. Received 2"),
        ({"prune_macs": 0.5, "importance": "tailor"}, "taylor, l1 or bn-scale. .* Did you mean 'taylor'"),
    ],
)
def test_values_out_of_range_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        Compression(**settings)


def test_every_importance_has_its_criterion() -> None:
    assert set(CRITERIA) == set(get_args(Importance))
