from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wake_clients import encoded
from wyoming.audio import AudioChunk
from wyoming.event import Event

from tfkws.data.audio.mono_stream import mix_down
from tfkws.detect.service.client_audio import Piece, SoundFormat, decode, pieces_of, sound_format
from tfkws.errors import MessageError


def chunk(**changes: Any) -> Event:
    data = {"rate": 16_000, "width": 2, "channels": 1, "timestamp": None} | changes
    return Event("audio-chunk", data, bytes(data.pop("bytes", 8)))


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_width_is_the_same_sound(width: int, channels: int, rng: np.random.Generator) -> None:
    signal = rng.uniform(-1, 1, 500)
    piece = Piece(SoundFormat(16_000, width, channels), memoryview(encoded(signal, width, channels)), None)
    samples = decode(piece)
    assert samples.shape == (500, channels)
    np.testing.assert_allclose(mix_down(samples), signal, atol=2.0 ** (2 - 8 * width) + 1e-6)


@given(st.lists(st.integers(-(1 << 23), (1 << 23) - 1), max_size=50))
def test_24_bits_are_read_as_python_reads_them(values: list[int]) -> None:
    data = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    samples = decode(Piece(SoundFormat(8_000, 3, 1), memoryview(data), None))
    assert samples[:, 0].tolist() == [value << 8 for value in values]


def test_long_chunks_are_cut_into_seconds() -> None:
    audio = np.arange(40_000, dtype=np.int16).tobytes()
    pieces = list(pieces_of(AudioChunk(16_000, 2, 1, audio, timestamp=7).event()))
    assert [piece.seconds for piece in pieces] == [1.0, 1.0, 0.5]
    assert [piece.timestamp for piece in pieces] == [7, 7, 7]
    assert b"".join(piece.samples for piece in pieces) == audio


def test_an_empty_chunk_is_no_piece() -> None:
    assert list(pieces_of(chunk(bytes=0))) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rate": 0}, "rate of its audio must be a whole number in 4000..384000, and is 0"),
        ({"rate": 1 << 40}, "rate of its audio"),
        ({"rate": "16000"}, "rate of its audio"),
        ({"rate": 16_000.0}, "rate of its audio"),
        ({"rate": None}, "rate of its audio"),
        ({"width": 0}, "width of its audio"),
        ({"width": 5}, "width of its audio"),
        ({"channels": 0}, "channels of its audio"),
        ({"channels": 65}, "channels of its audio"),
        ({"channels": True}, "channels of its audio"),
        ({"timestamp": "now"}, "timestamp of its audio"),
        ({"timestamp": 1 << 70}, "timestamp of its audio"),
        ({"bytes": 7}, "7 bytes ends within a frame of 2 bytes"),
        ({"channels": 3}, "8 bytes ends within a frame of 6 bytes"),
    ],
)
def test_audio_that_is_none_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(MessageError, match=sentence.replace(".", r"\.")):
        list(pieces_of(chunk(**changes)))


def test_a_missing_number_is_told() -> None:
    with pytest.raises(MessageError, match="channels of its audio must be a whole number in 1..64, and is None"):
        sound_format({"rate": 16_000, "width": 2})
