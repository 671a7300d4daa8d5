"""Settings of timelines and of counting."""

from typing import Any

import pytest

from tfkws.config.hearing.over_air import CountingConfig, TimelineConfig
from tfkws.errors import ConfigError


def test_settings_come_back_from_json_with_no_noise_as_none() -> None:
    settings = TimelineConfig(("happy",), snr_db=(None, 5.0), rooms=("dry",))
    values = settings.to_dict() | {"snr_db": [None, 5.0], "words": ["happy"], "rooms": ["dry"]}
    assert TimelineConfig.from_dict(values) == settings


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"words": ()}, "must name the wake word"),
        ({"split": "training"}, "validation, testing or all. Received 'training'"),
        ({"snr_db": ()}, "at least one ratio"),
        ({"snr_db": (10.0, 10.0)}, "nothing twice"),
        ({"snr_db": (200.0,)}, "-40..80"),
        ({"shortest_gap_s": 4.0}, "Received 4.0 and 3.0"),
        ({"hours": 0.0}, "above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        TimelineConfig(**{"words": ("happy",)} | change)


def test_a_wanted_rate_is_above_zero() -> None:
    with pytest.raises(ConfigError, match="above 0"):
        CountingConfig(false_accepts_per_hour=0.0)
