"""Settings of a conversion: what they refuse, and that the options of `tfkws convert` say what they say."""

from typing import Any

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config import ConversionSettings
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
        (["--input", "sound"], "--input must be features or audio. Received 'sound'."),
        (["--calibrate", "0"], "--calibrate must be at least 1. Received 0."),
        (["--gate", "-1"], "--gate must be at least 0. Received -1.0."),
    ],
)
def test_an_error_names_the_option_of_convert(arguments: list[str], sentence: str) -> None:
    done = CliRunner().invoke(app, ["convert", "RUN", *arguments])
    assert done.exit_code == 1
    assert sentence in " ".join(done.stderr.split())
