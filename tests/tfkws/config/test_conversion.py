"""Settings of a conversion: what they refuse, and that the options of `tfkws convert` say what they say."""

from typing import Any

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config import ConversionSettings, StreamConfig
from tfkws.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("input", "sound", "be features or audio"),
        ("calibration_clips", 0, "be at least 1"),
        ("gate_points", -0.1, "be at least 0"),
        ("gate_points", "half", "be a number"),
        ("repair", 1, "be true or false"),
    ],
)
def test_wrong_settings_are_refused(name: str, value: Any, wanted: str) -> None:
    with pytest.raises(ConfigError, match=f"ConversionSettings.{name} must {wanted}"):
        ConversionSettings(**{name: value})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--input-kind", "sound"], "--input-kind must be features or audio. Received 'sound'."),
        (["--calibrate", "0"], "--calibrate must be at least 1. Received 0."),
        (["--gate", "-1"], "--gate must be at least 0. Received -1.0."),
    ],
)
def test_an_error_names_the_option_of_convert(arguments: list[str], sentence: str) -> None:
    done = CliRunner().invoke(app, ["convert", "RUN", *arguments])
    assert done.exit_code == 1
    assert sentence in " ".join(done.stderr.split())


def test_it_is_read_as_it_was_written() -> None:
    config = StreamConfig(2, 9, 49, 5, False)
    assert StreamConfig.from_dict(config.to_dict()) == config


def test_numbers_that_no_stream_has_are_refused() -> None:
    with pytest.raises(ConfigError, match="frames_per_step must be at least 1"):
        StreamConfig(0, 9, 49, 5, False)
    with pytest.raises(ConfigError, match="settling_frames must exceed delay_frames. Received 9"):
        StreamConfig(2, 9, 9, 5, False)
