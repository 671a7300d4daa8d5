import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tfkws.config.detector import ListenConfig
from tfkws.data.audio.files import read_resampled
from tfkws.detect.capture.files import file_blocks, stream_blocks
from tfkws.errors import AudioError

SIGNAL = (0.4 * np.sin(np.arange(40_000) / 20)).astype(np.float32)


class Trickle(io.RawIOBase):
    """A pipe that brings a few bytes at a time."""

    def __init__(self, data: bytes, size: int = 7) -> None:
        self._data, self._size = io.BytesIO(data), size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._data.read(min(self._size, len(buffer)))
        buffer[: len(part)] = part
        return len(part)


def from_pipe(data: bytes, **settings: Any) -> np.ndarray:
    blocks = list(stream_blocks(io.BufferedReader(Trickle(data)), ListenConfig(**settings), 16_000))
    return np.concatenate(blocks)


def wav(signal: np.ndarray, rate: int = 16_000, subtype: str = "PCM_16", form: str = "WAV") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, signal, rate, subtype=subtype, format=form)
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_a_file_is_what_it_is_read_as_whole(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, np.stack([SIGNAL, SIGNAL], 1), 16_000)
    np.testing.assert_allclose(np.concatenate(list(file_blocks(path, 16_000))), read_resampled(path), atol=1e-6)


def test_a_file_of_another_rate(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, SIGNAL, 44_100, subtype="FLOAT")
    np.testing.assert_allclose(np.concatenate(list(file_blocks(path, 16_000))), read_resampled(path), atol=2e-3)


@pytest.mark.parametrize("content", [b"", b"no audio at all", b"RIFF\x00\x00\x00\x00WAVE"])
def test_files_that_are_no_audio(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match="empty file|cannot be decoded|can be decoded"):
        list(file_blocks(path, 16_000))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="does not exist"):
        list(file_blocks(tmp_path / "none.wav", 16_000))


def test_raw_samples() -> None:
    data = np.round(SIGNAL * 32_768).astype("<i2").tobytes()
    np.testing.assert_allclose(from_pipe(data), SIGNAL, atol=1e-4)
    assert len(from_pipe(data + b"\x01")) == len(SIGNAL)


@pytest.mark.parametrize(("raw_format", "dtype", "scale"), [("s32le", "<i4", 2**31), ("f32le", "<f4", 1)])
def test_other_raw_samples(raw_format: str, dtype: str, scale: float) -> None:
    data = np.repeat(SIGNAL[:, None] * scale, 2, axis=1).astype(dtype).tobytes()
    np.testing.assert_allclose(from_pipe(data, raw_format=raw_format, raw_channels=2), SIGNAL, atol=1e-5)


def test_raw_samples_of_another_rate() -> None:
    data = np.zeros(44_100, "<i2").tobytes()
    assert len(from_pipe(data, raw_rate_hz=44_100)) == 16_000


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
def test_a_wav_by_its_header(subtype: str, form: str) -> None:
    stereo = np.stack([SIGNAL, SIGNAL], 1)
    np.testing.assert_allclose(from_pipe(wav(stereo, subtype=subtype, form=form))[: len(SIGNAL)], SIGNAL, atol=1e-4)


def test_a_wav_whose_header_knows_no_length() -> None:
    """What `arecord` and `ffmpeg` write into a pipe."""
    data = wav(SIGNAL)
    at = data.index(b"data")
    endless = data[:4] + b"\xff\xff\xff\xff" + data[8 : at + 4] + b"\xff\xff\xff\xff" + data[at + 8 :]
    assert len(from_pipe(endless)) == len(SIGNAL)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "holds no audio"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "is none"),
        (wav(SIGNAL)[:30], "damaged"),
        (wav(SIGNAL, subtype="PCM_24"), "24 bits"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\x7f" + b"\x00" * 100, "damaged"),
        (b"RIFF\x00\x00\x00\x00WAVEdata\x00\x00\x00\x00", "damaged"),
    ],
)
def test_pipes_that_bring_no_audio(data: bytes, words: str) -> None:
    with pytest.raises(AudioError, match=words):
        from_pipe(data)
