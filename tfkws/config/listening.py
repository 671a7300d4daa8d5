"""How `tfkws listen` listens, besides what a bundle says."""

from dataclasses import dataclass
from typing import Annotated, Literal

from tfkws.config.strict import Config, NotNegative, Range, ShareAboveZero

RawFormat = Literal["s16le", "s32le", "f32le"]


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
