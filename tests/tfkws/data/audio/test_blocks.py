"""Long audio in blocks: the same samples as in one piece, and damage told by name."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.audio.blocks import audio_blocks, file_digest, read_header
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


def test_the_header_tells_the_length(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((22_050, 2)), 44_100)
    header = read_header(tmp_path / "a.wav")
    assert (header.sample_rate_hz, header.channels, header.seconds) == (44_100, 2, 0.5)


def test_what_is_no_number_is_told_with_its_time(tmp_path: Path) -> None:
    samples = np.zeros(40_000, np.float32)
    samples[24_000] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match="not a finite number at 1.50 s"):
        list(audio_blocks(tmp_path / "a.wav", block_s=1))


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "can be decoded"), (b"words, words", "can be decoded"), (None, "not exist")]
)
def test_what_is_no_audio_is_refused(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AudioError, match=sentence):
        read_header(tmp_path / "a.wav")


def test_audio_without_samples_and_odd_rates_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 16_000)
    with pytest.raises(AudioError, match="holds no audio"):
        read_header(tmp_path / "empty.wav")
    soundfile.write(tmp_path / "odd.wav", np.zeros(10), 100)
    with pytest.raises(AudioError, match="100 samples a second"):
        read_header(tmp_path / "odd.wav")


def test_a_file_that_was_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 160_000), 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(AudioError, match=r"truncated|can be decoded"):
        list(audio_blocks(path))


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert file_digest(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
