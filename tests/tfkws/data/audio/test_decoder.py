"""Files as people have them: lengths that nobody knew, joined files, odd chunks; read, or refused with a sentence."""

import io
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.audio.decoder import SUFFIXES, audio_seconds, open_audio, read_header
from tfkws.data.audio.wav_header import has_more_audio
from tfkws.errors import AudioError

SIGNAL = (0.4 * np.sin(np.arange(24_000) / 20)).astype(np.float32)
STEREO = np.stack([SIGNAL, -SIGNAL / 2], axis=1)


def written(form: str, subtype: str | None = "PCM_24", samples: np.ndarray = STEREO, rate: int = 48_000) -> bytes:
    raw = io.BytesIO()
    soundfile.write(raw, samples, rate, subtype=subtype, format=form)
    return raw.getvalue()


def decoded(path: Path, frames: int = 1000) -> np.ndarray:
    with open_audio(path) as file:
        return np.concatenate(list(file.blocks(frames)))


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def at(content: bytes, place: int, form: str, value: int) -> bytes:
    return content[:place] + struct.pack(form, value) + content[place + struct.calcsize(form) :]


def lengths(form: str, value: int) -> bytes:
    """A file of 24 bits and two channels whose header announces `value` bytes of samples."""
    content = written(form)
    if form == "RF64":
        return at(content, content.index(b"ds64") + 16, "<Q", value)
    if form == "W64":
        return at(content, content.index(b"data") + 16, "<Q", (value + 24) % 2**64)
    return at(content, content.index(b"data") + 4, "<I", value)


NARROW = (0, 0x7FFFF000, 0x80000000, 0xFFFFFFFF)
UNKNOWN = [(form, value) for form in ("WAV", "WAVEX", "RF64", "W64") for value in NARROW]
UNKNOWN += [(form, value) for form in ("RF64", "W64") for value in (2**63 - 1, 2**64 - 1)]


@pytest.mark.parametrize(("form", "length"), UNKNOWN)
def test_a_length_that_nobody_knew_means_the_rest(tmp_path: Path, form: str, length: int) -> None:
    expected, _ = soundfile.read(io.BytesIO(written(form)), dtype="float32")
    path = put(tmp_path / "a.wav", lengths(form, length))
    np.testing.assert_array_equal(decoded(path), expected)
    assert audio_seconds(path) == 0.5


@pytest.mark.parametrize("form", ["WAV", "RF64", "W64"])
def test_a_file_that_was_cut_is_told(tmp_path: Path, form: str) -> None:
    with pytest.raises(AudioError, match="is truncated: it announces 144000 bytes"):
        decoded(put(tmp_path / "a.wav", written(form)[:-500]))


def test_more_than_four_gigabytes(tmp_path: Path) -> None:
    seconds, path = 30_000, tmp_path / "a.wav"
    content = written("RF64", samples=STEREO[:1])
    size = seconds * 48_000 * 2 * 3
    path.write_bytes(at(content, content.index(b"ds64") + 16, "<Q", size))
    os.truncate(path, content.index(b"data") + 8 + size)  # a hole: nothing is written
    assert read_header(path).frames == seconds * 48_000
    with open_audio(path) as file:
        np.testing.assert_allclose(next(file.blocks(10))[0], STEREO[0], atol=1e-6)


CHUNK = b"LIST" + struct.pack("<I", 4) + b"INFO"
PEAK = b"PEAK" + struct.pack("<I", 24) + bytes(24)
ODD = {
    "joined": lambda content: content + content,
    "two data chunks": lambda content: content + b"data" + struct.pack("<I", 4) + bytes(4),
    "PEAK first": lambda content: content[:12] + PEAK + content[12:],
    "a chunk of zeros": lambda content: content[:12] + bytes(8) + content[12:],
    "rubbish behind": lambda content: content + b"rubbish" * 10,
    "a wrong size of the whole": lambda content: at(content, 4, "<I", 7),
    "LIST between": lambda content: content.replace(b"data", CHUNK + b"data", 1),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_chunks_change_nothing(tmp_path: Path, kind: str) -> None:
    content = written("WAV")
    expected, _ = soundfile.read(io.BytesIO(content), dtype="float32")
    path = put(tmp_path / "a.wav", ODD[kind](content))
    np.testing.assert_array_equal(decoded(path), expected)
    assert has_more_audio(path) == (kind in ("joined", "two data chunks"))


@pytest.mark.parametrize("subtype", ["PCM_U8", "ULAW", "ALAW", "FLOAT", "DOUBLE", "IMA_ADPCM", "MS_ADPCM", "GSM610"])
def test_every_kind_of_samples_is_that_of_libsndfile(tmp_path: Path, subtype: str) -> None:
    content = written("WAV", subtype, SIGNAL, 8_000)
    expected, _ = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    np.testing.assert_array_equal(decoded(put(tmp_path / "a.wav", content)), expected)


@pytest.mark.parametrize(("form", "subtype"), [("MP3", None), ("OGG", "OPUS"), ("OGG", "VORBIS"), ("AIFF", "PCM_16")])
def test_blocks_leave_no_seam(tmp_path: Path, form: str, subtype: str | None) -> None:
    path = put(tmp_path / "a", written(form, subtype, SIGNAL))
    expected, _ = soundfile.read(path, dtype="float32", always_2d=True)
    np.testing.assert_array_equal(decoded(path, 777), expected)


def test_a_flac_from_a_pipe_knows_no_length(tmp_path: Path) -> None:
    content = bytearray(written("FLAC", "PCM_16", SIGNAL))
    content[21] &= 0xF0
    content[22:26] = bytes(4)  # 36 bits in STREAMINFO
    path = put(tmp_path / "a.flac", bytes(content))
    assert read_header(path).frames is None
    np.testing.assert_allclose(decoded(path)[:, 0], SIGNAL, atol=1e-4)
    assert audio_seconds(path) == 0.5


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is an empty file"), (b"words, words", "can be decoded"), (None, "does not exist"),
     (b"RIFF\x04\0\0\0WAVE", "can be decoded"), (written("WAV", samples=SIGNAL[:0]), "holds no audio"),
     (written("WAV", samples=SIGNAL, rate=100), "100 samples a second")],
)  # fmt: skip
def test_what_is_no_audio_is_refused(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AudioError, match=sentence):
        read_header(tmp_path / "a.wav")


def test_pipes_and_folders_are_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "self.wav").symlink_to("self.wav")
    for name in ("pipe", "folder", "self"):
        with pytest.raises(AudioError, match="is not a file|does not exist"):
            read_header(tmp_path / f"{name}.wav")


def test_every_suffix_is_lower_case() -> None:
    assert {suffix.lower() for suffix in SUFFIXES} == SUFFIXES >= {".wav", ".flac", ".ogg", ".opus", ".mp3"}
