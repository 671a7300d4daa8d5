"""Settings of a simulation: paper A's protocol by default, and what is refused."""

from typing import Any

import pytest

from tfkws.config.hearing.simulation import AcousticsConfig, DeviceConfig, TrialsConfig
from tfkws.errors import ConfigError


def test_defaults_are_the_protocol_of_paper_a() -> None:
    trials = TrialsConfig()
    assert (trials.subjects, trials.trials, trials.trial_s, trials.utterances) == (3, 5, 20.0, 10)
    assert (DeviceConfig().capture, DeviceConfig().chunk_ms) == ("blocking", 1_000.0)
    assert trials.period_s * trials.utterances == trials.trial_s


@pytest.mark.parametrize(
    ("cls", "values", "sentence"),
    [
        (TrialsConfig, {"speaker": "patient"}, "speaker must be rhythm or waiting"),
        (TrialsConfig, {"subjects": 0}, "subjects must be at least 1"),
        (AcousticsConfig, {"microphone_low_hz": 8_000.0}, "microphone_low_hz must be below microphone_high_hz"),
        (AcousticsConfig, {"capture_hz": 100}, "capture_hz must lie in 8000..192000"),
        (DeviceConfig, {"latency_ms": -1.0}, "latency_ms must be at least 0"),
        (DeviceConfig, {"capture": "streaming"}, "capture must be blocking or buffered"),
    ],
)
def test_settings_that_do_not_fit_are_refused(cls: Any, values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        cls(**values)


def test_a_band_without_an_upper_end_has_no_order() -> None:
    assert AcousticsConfig(microphone_low_hz=300.0, microphone_high_hz=0.0).microphone_low_hz == 300.0
