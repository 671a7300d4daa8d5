"""The front end of a network: what becomes of one clip of audio."""

from dataclasses import dataclass
from typing import Annotated, Literal

from tfkws.config.strict import Config, Positive, Range, require

Size = Annotated[int, Range(1, 1 << 17)]  # samples, bands, frames: more is damage, and would fill the memory

MOST_VALUES = 1 << 25  # of one matrix of the front end

# What microWakeWord fixed; every model of it, and every device, has these.
MICRO: dict[str, float] = {
    "window_samples": 480,
    "hop_samples": 160,
    "fft_length": 512,
    "bands": 40,
    "rows": 40,
    "low_hz": 125.0,
    "high_hz": 7500.0,
    "sample_rate_hz": 16_000,
}
MICRO_RANGE = (0.0, 26.0)  # of its values; int8 spans it, and louder ones are cut off


@dataclass(frozen=True)
class FeatureConfig(Config):
    """A front end: from one clip of audio to a (bands, frames) map.

    Lengths are in samples, frequencies in Hz. A value out of its range raises ConfigError.

    Attributes:
        name: its name in `tfkws.features.front_ends.FRONT_ENDS`.
        kind: "mfcc", "log_mel", or "micro": microWakeWord's own, which has its settings fixed and is not normalised.
        window_samples, hop_samples, fft_length: of the short-time Fourier transform.
        bands: mel bands between `low_hz` and `high_hz`.
        rows: rows of the map: cepstral coefficients kept, or `bands` for log-mel.
        frames: columns of the map, time.
        centred: whether the clip is padded by half a window on both sides.
        low_hz, high_hz: lower end of the first band and upper end of the last one, at most half the sample
            rate.
        sample_rate_hz: of the audio.
        clip_samples: length of a clip.
        time_first: False when the map is (rows, frames), True when it is (frames, rows).
        row_mean, row_std: per row, subtracted and divided by; empty for none. Measured on a training split
            once (`tfkws.features.numpy_front_end.fit_normalisation`) and from then on part of the front end.

    Example:
        >>> small = FeatureConfig("mine", "log_mel", 480, 320, 512, bands=32, rows=32, frames=49, centred=False)
        >>> small.input_shape
        (32, 49, 1)
        >>> FeatureConfig.from_dict(small.to_dict()) == small
        True
        >>> FeatureConfig.from_dict(small.to_dict() | {"band": 40})  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: FeatureConfig has no setting 'band'; it has name, ... Did you mean 'bands'?
    """

    name: str
    kind: Literal["mfcc", "log_mel", "micro"]
    window_samples: Size
    hop_samples: Size
    fft_length: Size
    bands: Size
    rows: Size
    frames: Size
    centred: bool
    low_hz: float = 20.0
    high_hz: float = 8000.0
    sample_rate_hz: Size = 16_000
    clip_samples: Size = 16_000
    time_first: bool = False
    row_mean: tuple[float, ...] = ()
    row_std: tuple[Positive, ...] = ()

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """The shape (height, width, 1) of what a network receives."""
        return (self.frames, self.rows, 1) if self.time_first else (self.rows, self.frames, 1)

    @property
    def value_range(self) -> tuple[float, float] | None:
        """The range of the values where the front end fixes it, which int8 then spans; None where it is measured."""
        return MICRO_RANGE if self.kind == "micro" else None

    def _check(self) -> None:
        require(self.fft_length >= self.window_samples, "FeatureConfig.fft_length must be at least window_samples.")
        require(
            0 <= self.low_hz < self.high_hz <= self.sample_rate_hz / 2,
            "FeatureConfig needs 0 <= low_hz < high_hz <= half the sample rate. "
            f"Received {self.low_hz} and {self.high_hz}.",
        )
        for product in ("frames * fft_length", "bands * fft_length", "rows * frames"):
            one, other = product.split(" * ")
            small = getattr(self, one) * getattr(self, other) <= MOST_VALUES
            require(small, f"FeatureConfig.{product} must be at most {MOST_VALUES}, or it would fill the memory.")
        for name in ("row_mean", "row_std"):
            require(
                len(getattr(self, name)) in (0, self.rows),
                f"FeatureConfig.{name} must have one number for each of {self.rows} rows.",
            )
        if self.kind == "micro":
            for name, value in MICRO.items():
                require(
                    getattr(self, name) == value,
                    f"FeatureConfig.{name} of microWakeWord's front end is {value}. Received {getattr(self, name)}.",
                )
            require(
                not (self.centred or self.row_mean or self.row_std),
                "FeatureConfig of microWakeWord's front end is neither centred nor normalised.",
            )
