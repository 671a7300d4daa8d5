"""How a trained network is converted and judged, its recipe apart (`tfkws.tflite.recipes`)."""

from dataclasses import dataclass
from typing import Literal

from tfkws.config.strict import Config, Count, NotNegative, Whole

InputKind = Literal["features", "audio"]


@dataclass(frozen=True)
class ConversionSettings(Config):
    """How a trained network is converted and judged, its recipe apart.

    Attributes:
        input: what the file takes: features, or audio, and the front end goes into the file.
        repair: below the gate, try remedies (other ranges, equalised channels, layers in float32), the cheapest first.
        calibration_clips: training clips on which ranges are measured.
        gate_points: largest loss of accuracy beyond noise, in points.
        seed: keys every random draw.

    Example:
        >>> ConversionSettings(input="sound")
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: ConversionSettings.input must be features or audio. Received 'sound'.
    """

    input: InputKind = "features"
    repair: bool = False
    calibration_clips: Count = 200
    gate_points: NotNegative = 0.5
    seed: Whole = 0
