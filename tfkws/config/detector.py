"""How a stream of answers becomes detections, and how a live signal is listened to."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from tfkws.config.strict import (
    Config,
    NotNegative,
    Positive,
    Range,
    ShareAboveZero,
    Whole,
    require,
    without_none,
)

SHORTEST_MS, LONGEST_MS = 1, 3_600_000  # of any time; beyond is damage, and would fill the memory
RawFormat = Literal["s16le", "s32le", "f32le"]


@dataclass(frozen=True)
class FoundThreshold(Config):
    """How a threshold was found on long audio.

    Attributes:
        wanted_per_hour: false accepts an hour that it was to keep to.
        false_accepts: counted on the audio that it was found on.
        hours: of audio in which a false accept could happen.
        misses, utterances: of the word, on the same audio.
        source: what the audio is.
        digests: SHA-256 of the audio files.
    """

    wanted_per_hour: Positive
    false_accepts: Whole
    hours: Positive
    misses: Whole
    utterances: Whole
    source: Literal["recorded", "composed", "synthetic", "mixed"]
    digests: tuple[str, ...] = ()

    def _check(self) -> None:
        require(
            self.misses <= self.utterances,
            f"FoundThreshold.misses must be at most utterances. Received {self.misses} of {self.utterances}.",
        )


@dataclass(frozen=True)
class DetectorConfig(Config):
    """How a stream of answers becomes detections.

    Times are in ms, the threshold is a probability 0..1. A value out of its range raises ConfigError.

    Attributes:
        hop_ms: time between two answers.
        window_ms: answers of this time are averaged.
        threshold: a label is detected when its averaged probability reaches this, above 0 and at most 1.
        refractory_ms: a label is not detected again this long after a detection; other labels are.
        chunk_ms: in place of a sliding window, cut the stream into chunks of this length and judge each
            alone.
        found: how the threshold was found on long audio.

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
    chunk_ms: Positive | None = None
    found: FoundThreshold | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without `chunk_ms` and `found` where they are None."""
        values = super().to_dict()
        return without_none(without_none(values, "chunk_ms"), "found")

    def _check(self) -> None:
        enough = self.window_ms >= self.hop_ms
        require(enough, f"DetectorConfig.window_ms must be at least hop_ms. Received {self.window_ms}.")
        _check_times(self, "hop_ms", "window_ms", "refractory_ms", "chunk_ms")


@dataclass(frozen=True)
class ListenConfig(Config):
    """How a live signal is listened to.

    Attributes:
        max_delay_ms: a network that is further behind leaves whole windows out, and they are counted.
        near_miss: a word's score that rises to this and stays below the threshold is a near miss.
        before_ms: audio that --record keeps before the end of the window that decided.
        after_ms: audio that --record keeps after it.
        gate_db: leave windows out while the level has been below this for the length of a window, in dB of full scale.
        raw_format: samples on standard input without a WAV header: s16le, s32le or f32le.
        raw_rate_hz: samples a second of such audio.
        raw_channels: channels of such audio.
    """

    max_delay_ms: NotNegative = 500.0
    near_miss: ShareAboveZero | None = None
    before_ms: NotNegative = 1_500.0
    after_ms: NotNegative = 500.0
    gate_db: Annotated[float, Range(-200, 0)] | None = None
    raw_format: RawFormat = "s16le"
    raw_rate_hz: Annotated[int, Range(4_000, 384_000)] = 16_000
    raw_channels: Annotated[int, Range(1, 64)] = 1

    def _check(self) -> None:
        _check_times(self, "max_delay_ms", "before_ms", "after_ms")


def _check_times(settings: Config, *names: str) -> None:
    """Refuse times that are longer than an hour or a fraction of a ms, 0 and None apart."""
    for name in names:
        value = getattr(settings, name) or 0.0
        inside = value == 0 or SHORTEST_MS <= value <= LONGEST_MS
        span = f"{SHORTEST_MS} to {LONGEST_MS} ms (an hour)"
        require(inside, f"{type(settings).__name__}.{name} must be {span}. Received {value}.")
