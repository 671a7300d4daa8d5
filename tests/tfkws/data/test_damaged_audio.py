"""Damaged audio files of all kinds: each is read or refused with a sentence; nothing crashes, hangs or escapes."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.audio.files import read_audio, read_clip
from tfkws.data.prepare.import_recordings import import_recordings
from tfkws.errors import AudioError

FORMATS = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "ULAW"), ("WAVEX", "PCM_24"), ("RF64", "PCM_16"),
           ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS")]  # fmt: skip
SUFFIXES = {"WAV": "wav", "WAVEX": "wav", "RF64": "wav", "FLAC": "flac", "OGG": "ogg"}


def sound(file_format: str, subtype: str, rng: np.random.Generator) -> bytes:
    raw = io.BytesIO()
    rate = int(rng.choice([8_000, 16_000, 48_000]))
    samples = rng.normal(0, 0.1, (int(rng.integers(1, rate)), int(rng.integers(1, 3))))
    soundfile.write(raw, samples, rate, subtype=subtype, format=file_format)
    return raw.getvalue()


def damage(content: bytes, rng: np.random.Generator) -> bytes:
    """One of: cut, bits flipped (in the header or anywhere), a number in the header made extreme, a stretch removed,
    doubled or blanked, rubbish before or behind."""
    kind, data = rng.integers(9), bytearray(content)
    place = int(rng.integers(len(data)))
    if kind == 0:
        return bytes(data[:place])
    if kind in (1, 2):
        for _ in range(int(rng.integers(1, 20))):
            data[int(rng.integers(min(len(data), 64 if kind == 1 else len(data))))] ^= 1 << int(rng.integers(8))
    elif kind == 3:
        value = int(rng.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE]))
        struct.pack_into("<I", data, 4 * int(rng.integers(min(len(data) - 4, 60) // 4)), value)
    elif kind == 4:
        del data[place : place + int(rng.integers(1, 200))]
    elif kind == 5:
        data[place:place] = data[place : place + 200]
    elif kind == 6:
        data[place : place + 300] = bytes(len(data[place : place + 300]))
    elif kind == 7:
        data[:0] = rng.bytes(int(rng.integers(1, 50)))
    else:
        data += rng.bytes(int(rng.integers(1, 5000)))
    return bytes(data)


def write_damaged(folder: Path, count: int) -> list[Path]:
    paths = []
    for number in range(count):
        rng = np.random.default_rng(number)
        file_format, subtype = FORMATS[number % len(FORMATS)]
        path = folder / "word" / f"{number:08x}_nohash_0.{SUFFIXES[file_format]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(damage(sound(file_format, subtype, rng), rng))
        paths.append(path)
    return paths


@pytest.mark.parametrize("count", [96, pytest.param(1000, marks=pytest.mark.slow)])
def test_damaged_files_are_read_or_refused(tmp_path: Path, count: int) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    paths = write_damaged(source, count)
    before = {path: path.read_bytes() for path in paths}
    refused = 0
    for path in paths:
        try:
            assert np.isfinite(read_audio(path).samples).all()
            clip = read_clip(path)
            assert clip.shape == (16_000,) and clip.dtype == np.int16
        except AudioError as error:
            refused += 1
            assert str(path) in str(error) and "\n" not in str(error)
    assert 0 < refused < count
    result = import_recordings(source, target)
    assert len(result.skipped) == refused and result.written == count - refused
    assert {path: path.read_bytes() for path in paths} == before
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {source / "word", target / "word"}
