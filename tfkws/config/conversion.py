"""How a trained network is converted and judged, its recipe apart (`tfkws.tflite.recipes`)."""

from dataclasses import dataclass
from typing import Literal

from tfkws.config.strict import Config, Count, NotNegative, Positive, Whole, require

InputKind = Literal["features", "audio"]


@dataclass(frozen=True)
class ConversionSettings(Config):
    """How a trained network is converted and judged, its recipe apart.

    Attributes:
        input: what the file takes: features, or audio, and the front end goes into the file.
        repair: below the gate, try remedies (other ranges, equalised channels, layers in float32), the cheapest first.
        calibration_clips: training clips on which ranges are measured.
        streaming: convert to a file that keeps a state and takes new frames alone.
        step_ms: a step of a streaming file takes at least so many ms of audio.
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
    streaming: bool = False
    step_ms: Positive = 20.0
    gate_points: NotNegative = 0.5
    seed: Whole = 0

    def _check(self) -> None:
        require(
            not self.streaming or self.input == "features",
            "ConversionSettings.input must be features for a streaming file, whose front end runs on the stream too.",
        )
