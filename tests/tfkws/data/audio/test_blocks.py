"""Long audio in blocks: the same samples as in one piece, and damage told by name."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.audio.blocks import audio_blocks, file_digest
from tfkws.data.audio.files import read_resampled
from tfkws.errors import AudioError


def tone(seconds: float, rate: int) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2), (48_000, 1), (8_000, 3)])
def test_blocks_are_the_file_in_one_piece(rate: int, channels: int, tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.stack([tone(3.5, rate) * (1 + n) / channels for n in range(channels)], axis=1), rate)
    blocks = list(audio_blocks(path, block_s=1))
    joined = np.concatenate(blocks)
    assert len(blocks) > 2 and joined.dtype == np.float32
    assert len(joined) == pytest.approx(3.5 * 16_000, abs=2)
    whole = read_resampled(path)
    assert joined[: len(whole)] == pytest.approx(whole[: len(joined)], abs=2e-4)


def test_eight_bits_are_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1, 16_000), 16_000, subtype="PCM_U8")
    assert np.concatenate(list(audio_blocks(tmp_path / "a.wav"))) == pytest.approx(tone(1, 16_000), abs=0.01)


def test_what_is_no_number_is_told_with_its_time(tmp_path: Path) -> None:
    samples = np.zeros(40_000, np.float32)
    samples[24_000] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match="not a finite number at 1.50 s"):
        list(audio_blocks(tmp_path / "a.wav", block_s=1))


def test_a_long_file_of_many_channels_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", 48_000, 8) as file:
        for _ in range(600):
            file.write(np.zeros((48_000, 8), np.int16))  # ten minutes: 0.9 GB as float32, some kB on disk
    tracemalloc.start()
    count = sum(map(len, audio_blocks(path)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 600 * 16_000
    assert peak < 120e6, f"{peak / 1e6:.0f} MB"


def test_samples_far_beyond_full_scale_are_refused_or_no_numbers(tmp_path: Path) -> None:
    samples = np.zeros(16_000, np.float32)
    samples[8_000] = 1e30
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"up to 1e\+30 where full scale is 1"):
        list(audio_blocks(tmp_path / "a.wav"))
    heard = np.concatenate(list(audio_blocks(tmp_path / "a.wav", strict=False)))
    assert np.flatnonzero(np.isnan(heard)).tolist() == [8_000]


def test_a_file_that_was_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 160_000), 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"truncated|can be decoded"):
        list(audio_blocks(path))


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert file_digest(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
