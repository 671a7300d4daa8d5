"""Audio as a client sends it: integer samples of any width, rate and channel count, and its own time stamps."""

import reprlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from wyoming.event import Event

from tfkws.data.audio.decoder import HIGHEST_RATE_HZ, LOWEST_RATE_HZ
from tfkws.errors import MessageError

MAX_CHANNELS = 64
PIECE_S = 1.0


@dataclass(frozen=True)
class SoundFormat:
    """Form of a client's samples.

    Attributes:
        width: bytes of a sample.
    """

    rate_hz: int
    width: int
    channels: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.width * self.channels


@dataclass(frozen=True)
class Piece:
    """A stretch of audio.

    Attributes:
        samples: as they came, whole frames.
        timestamp: what the client says of the chunk; None where it says nothing.
    """

    sound: SoundFormat
    samples: memoryview
    timestamp: int | None

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.sound.frame_bytes / self.sound.rate_hz


def pieces_of(event: Event) -> Iterator[Piece]:
    """Cut the audio of an `audio-chunk` into pieces of at most a second.

    Raises:
        MessageError: format or time stamp are none, or half a frame is missing.
    """
    sound, timestamp = sound_format(event.data), _timestamp(event.data)
    samples = memoryview(event.payload or b"")
    if len(samples) % sound.frame_bytes:
        raise MessageError(f"its chunk of {len(samples)} bytes ends within a frame of {sound.frame_bytes} bytes")
    step = sound.frame_bytes * max(1, round(PIECE_S * sound.rate_hz))
    for first in range(0, len(samples), step):
        yield Piece(sound, samples[first : first + step], timestamp)


def sound_format(data: dict[str, Any]) -> SoundFormat:
    """Read the format in an audio message.

    Raises:
        MessageError: a number is missing or out of range.
    """
    return SoundFormat(
        _whole(data, "rate", LOWEST_RATE_HZ, HIGHEST_RATE_HZ),
        _whole(data, "width", 1, 4),
        _whole(data, "channels", 1, MAX_CHANNELS),
    )


def decode(piece: Piece) -> np.ndarray:
    """Return the samples as (n, channels): int16 of 8 bits, unsigned, and 16 bits; int32 of 24 and 32 bits.

    Example:
        >>> low = memoryview(bytes([0, 128, 255]))
        >>> decode(Piece(SoundFormat(16_000, 1, 1), low, None))[:, 0].tolist()
        [-32768, 0, 32512]
        >>> decode(Piece(SoundFormat(16_000, 3, 1), memoryview(bytes([255, 255, 255])), None))[:, 0].tolist()
        [-256]
    """
    width = piece.sound.width
    if width == 1:
        samples = (np.frombuffer(piece.samples, np.uint8).astype(np.int16) - 128) << 8
    elif width == 3:
        wide = np.zeros((len(piece.samples) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(piece.samples, np.uint8).reshape(-1, 3)
        samples = wide.view("<i4")
    else:
        samples = np.frombuffer(piece.samples, f"<i{width}")
    return samples.reshape(-1, piece.sound.channels)


def _timestamp(data: dict[str, Any]) -> int | None:
    return None if data.get("timestamp") is None else _whole(data, "timestamp", -(1 << 63), (1 << 63) - 1)


def _whole(data: dict[str, Any], key: str, low: int, high: int) -> int:
    value = data.get(key)
    if type(value) is not int or not low <= value <= high:
        raise MessageError(f"{key} of its audio must be a whole number in {low}..{high}, and is {reprlib.repr(value)}")
    return value
