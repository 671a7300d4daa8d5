"""How a stream of answers becomes detections."""

from dataclasses import dataclass

from tfkws.config.strict import Config, NotNegative, Positive, ShareAboveZero, require


@dataclass(frozen=True)
class DetectorConfig(Config):
    """How a stream of answers becomes detections.

    Attributes:
        hop_ms: time between two answers.
        window_ms: answers of this time are averaged.
        threshold: a label is detected when its averaged probability reaches this, above 0 and at most 1.
        refractory_ms: nothing is reported this long after a detection.

    Example:
        >>> DetectorConfig(threshold=0.8).to_dict()
        {'hop_ms': 100.0, 'window_ms': 300.0, 'threshold': 0.8, 'refractory_ms': 1000.0}
        >>> DetectorConfig(window_ms="long")
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: DetectorConfig.window_ms must be a number. Received 'long'.
    """

    hop_ms: Positive = 100.0
    window_ms: float = 300.0
    threshold: ShareAboveZero = 0.5
    refractory_ms: NotNegative = 1_000.0

    def _check(self) -> None:
        enough = self.window_ms >= self.hop_ms
        require(enough, f"DetectorConfig.window_ms must be at least hop_ms. Received {self.window_ms}.")
