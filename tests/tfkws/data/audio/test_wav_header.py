"""The quick way through a WAV file: plain clips only, and never one that is cut off."""

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.audio.decoder import read_header
from tfkws.data.audio.wav_header import read_plain_wav
from tfkws.errors import AudioError

SAMPLES = np.arange(-500, 500, dtype="<i2")


def wav_bytes(channels: int = 1, width: int = 2, rate_hz: int = 16_000) -> bytes:
    """Write `SAMPLES` by the standard library's own writer."""
    raw = io.BytesIO()
    with wave.open(raw, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(SAMPLES.tobytes())
    return raw.getvalue()


def test_a_plain_clip_is_read_bit_by_bit(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav_bytes())
    samples = read_plain_wav(tmp_path / "a.wav")
    assert samples is not None and samples.dtype == np.int16
    np.testing.assert_array_equal(samples, SAMPLES)


def test_chunks_before_and_after_the_audio_are_skipped(tmp_path: Path) -> None:
    content = wav_bytes()
    odd = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # a chunk of odd length is padded by one byte
    (tmp_path / "a.wav").write_bytes(content[:12] + odd + content[12:] + odd)
    samples = read_plain_wav(tmp_path / "a.wav")
    assert samples is not None
    np.testing.assert_array_equal(samples, SAMPLES)


@pytest.mark.parametrize(
    "content",
    [wav_bytes(channels=2), wav_bytes(width=1), wav_bytes(rate_hz=8_000), b"fLaC" + bytes(100), wav_bytes()[:30]],
    ids=["stereo", "8 bits", "8 kHz", "FLAC", "no audio chunk"],
)
def test_other_kinds_are_left_to_a_decoder(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert read_plain_wav(tmp_path / "a.wav") is None


def announce(content: bytes, length: int) -> bytes:
    start = content.index(b"data") + 4
    return content[:start] + struct.pack("<I", length) + content[start + 4 :]


PIPES = (0, 0x7FFFF000, 0x7FFFFFDB, 0x7FFFFFFF, 0x80000000, 0x8000_0024, 0xFFFFFF00, 0xFFFFFFDB, 0xFFFFFFFF)


@pytest.mark.parametrize("length", PIPES, ids=hex)
def test_a_length_that_a_pipe_could_not_know_means_the_rest(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.wav").write_bytes(announce(wav_bytes(), length))
    samples = read_plain_wav(tmp_path / "a.wav")
    assert samples is not None
    np.testing.assert_array_equal(samples, SAMPLES)


@pytest.mark.parametrize("length", [0x7FFFEFFF, 0x70000000, 3000])
def test_a_length_that_a_program_knew_is_believed(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.wav").write_bytes(announce(wav_bytes(), length))
    with pytest.raises(AudioError, match=f"announces {length} bytes of audio and holds 2000"):
        read_plain_wav(tmp_path / "a.wav")


def test_no_samples_are_meant_where_only_chunks_follow(tmp_path: Path) -> None:
    content = announce(wav_bytes(), 0)
    head = content[: content.index(b"data") + 8]
    (tmp_path / "a.wav").write_bytes(head + b"LIST" + struct.pack("<I", 6) + b"INFOab")
    samples = read_plain_wav(tmp_path / "a.wav")
    assert samples is not None and len(samples) == 0
    (tmp_path / "b.wav").write_bytes(head)
    with pytest.raises(AudioError, match="holds no audio"):
        read_header(tmp_path / "b.wav")


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav_bytes())
    samples = read_plain_wav(tmp_path / "a.wav", longest=300)
    assert samples is not None
    np.testing.assert_array_equal(samples, SAMPLES[:300])


def test_cut_and_empty_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav_bytes()[:-1])
    with pytest.raises(AudioError, match="announces 2000 bytes of audio and holds 1999"):
        read_plain_wav(tmp_path / "a.wav")
    (tmp_path / "a.wav").write_bytes(b"")
    with pytest.raises(AudioError, match="is an empty file"):
        read_plain_wav(tmp_path / "a.wav")


@pytest.mark.parametrize("length", [(1 << 63) - 200, (1 << 63) - 24, (1 << 64) - 8])
def test_a_wave64_chunk_that_points_beyond_any_file_is_one_sentence(length: int, tmp_path: Path) -> None:
    raw = io.BytesIO()
    soundfile.write(raw, SAMPLES.astype(np.int16), 16_000, format="W64", subtype="PCM_16")
    content = bytearray(raw.getvalue())
    struct.pack_into("<Q", content, 40 + 16, length)  # of the first chunk, the format
    (tmp_path / "a.w64").write_bytes(content)
    with pytest.raises(AudioError):
        read_header(tmp_path / "a.w64")
