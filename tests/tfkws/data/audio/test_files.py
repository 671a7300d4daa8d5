"""Files of every kind a folder may hold: what can be decoded properly is, what cannot is refused with a sentence."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.audio.files import (
    decoders,
    fit_length,
    read_audio,
    read_clip,
    read_resampled,
    resample,
    says_synthetic,
    to_int16,
    write_clip,
)
from tfkws.errors import AudioError


def sine(rate: int, seconds: float = 1.0, hz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.wav"
    soundfile.write(path, sine(16_000), 16_000, subtype="PCM_16")
    return path


def test_plain_clip_passes_bit_by_bit(plain: Path) -> None:
    expected, _ = soundfile.read(plain, dtype="int16")
    np.testing.assert_array_equal(read_clip(plain), expected)


def test_written_clip_is_read_back(tmp_path: Path) -> None:
    samples = np.arange(-8000, 8000, dtype=np.int16)
    write_clip(tmp_path / "a.wav", samples)
    np.testing.assert_array_equal(read_clip(tmp_path / "a.wav"), samples)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE", "PCM_24", "PCM_32", "PCM_16"])
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_sample_formats_decode_to_the_same_clip(tmp_path: Path, plain: Path, subtype: str, suffix: str) -> None:
    if not soundfile.check_format(suffix.upper(), subtype):
        pytest.skip("libsndfile has no such format")
    path = tmp_path / f"other.{suffix}"
    soundfile.write(path, sine(16_000), 16_000, subtype=subtype)
    difference = read_clip(path).astype(int) - read_clip(plain)
    assert abs(difference).max() <= 1


def test_stereo_is_mixed_down(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    left, right = sine(16_000, hz=300), sine(16_000, hz=700)
    soundfile.write(path, np.stack([left, right], axis=1), 16_000, subtype="FLOAT")
    np.testing.assert_allclose(read_resampled(path), (left + right) / 2, atol=1e-6)
    assert read_audio(path).channels == 2


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
def test_other_rates_are_resampled(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "other.wav"
    soundfile.write(path, sine(rate), rate, subtype="FLOAT")
    clip = read_resampled(path)
    assert len(clip) == 16_000
    middle = slice(500, -500)  # the filter has nothing to work on at the ends
    np.testing.assert_allclose(clip[middle], sine(16_000)[middle], atol=2e-3)


def test_resampling_removes_what_would_alias() -> None:
    above = sine(48_000, hz=11_000).astype(np.float32)
    assert np.abs(resample(above, 48_000, 16_000)[500:-500]).max() < 5e-3


@pytest.mark.parametrize("count", [1, 15_999, 16_000, 16_001, 40_000])
def test_short_is_padded_and_long_is_cut(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.wav"
    samples = np.resize(np.arange(1, 30_000, dtype=np.int16), count)
    soundfile.write(path, samples, 16_000, subtype="PCM_16")
    clip, kept = read_clip(path), min(count, 16_000)
    np.testing.assert_array_equal(clip[:kept], samples[:kept])
    assert len(clip) == 16_000 and not clip[kept:].any()


@pytest.mark.parametrize("missing_bytes", [1, 2, 1000, 31_000])
def test_truncated_wav_is_refused(plain: Path, missing_bytes: int) -> None:
    plain.write_bytes(plain.read_bytes()[:-missing_bytes])
    with pytest.raises(AudioError, match="truncated: it announces 32000 bytes"):
        read_clip(plain)


def test_streamed_wav_of_unknown_length_is_read(plain: Path) -> None:
    expected, content = read_clip(plain), bytearray(plain.read_bytes())
    struct.pack_into("<I", content, content.index(b"data") + 4, 0xFFFFFFFF)
    plain.write_bytes(content)
    np.testing.assert_array_equal(read_clip(plain), expected)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty file"),
        (b"hello, this is a text", "not audio"),
        (b"RIFF\x00\x00\x00\x00WAVE", "not audio"),
        (b"OggS" + bytes(100), "not audio"),
    ],
)
def test_what_is_not_audio_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=sentence):
        read_clip(path)


def test_no_samples_and_not_a_number_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "none.wav", np.zeros(0), 16_000)
    with pytest.raises(AudioError, match="no audio"):
        read_clip(tmp_path / "none.wav")
    soundfile.write(tmp_path / "nan.wav", np.array([0.0, np.nan]), 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match="not a finite number at 0.00 s"):
        read_clip(tmp_path / "nan.wav")


def test_what_only_a_damaged_header_says_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "slow.wav", sine(16_000), 3, subtype="PCM_16")
    with pytest.raises(AudioError, match="3 samples a second"):
        read_clip(tmp_path / "slow.wav")
    soundfile.write(tmp_path / "loud.wav", 1e6 * sine(16_000), 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match="full scale is 1"):
        read_clip(tmp_path / "loud.wav")


def test_a_full_disk_is_told_by_the_system_and_not_by_the_codec(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no device that is always full")
    with pytest.raises(OSError, match="No space left"):
        write_clip(Path("/dev/full"), np.zeros(16_000, np.int16))


def test_int16_conversion_rounds_and_clips() -> None:
    values = np.array([-2.0, -1.0, 0.0, 0.5 / 32768, 1.6 / 32768, 1.0, 2.0])
    assert to_int16(values).tolist() == [-32768, -32768, 0, 0, 2, 32767, 32767]


def test_fit_length_keeps_the_beginning() -> None:
    assert fit_length(np.arange(3), 5).tolist() == [0, 1, 2, 0, 0]
    assert fit_length(np.arange(5), 3).tolist() == [0, 1, 2]


def test_decoders_are_named_with_versions() -> None:
    assert "libsndfile" in decoders()["soundfile"]


@pytest.mark.slow
def test_tensorflow_io_decodes_the_same_samples(plain: Path) -> None:
    if "tensorflow-io" not in decoders():
        pytest.skip("tensorflow-io's native operators do not load here.")
    np.testing.assert_array_equal(read_clip(plain, "tensorflow-io"), read_clip(plain))


def test_a_clip_says_that_it_is_synthetic_wherever_it_is_copied_to(tmp_path: Path) -> None:
    samples = np.arange(16_000, dtype=np.int16)
    for name, synthetic in (("made", True), ("recorded", False)):
        write_clip(tmp_path / f"{name}.wav", samples, synthetic=synthetic)
        assert says_synthetic(tmp_path / f"{name}.wav") is synthetic
        np.testing.assert_array_equal(read_clip(tmp_path / f"{name}.wav"), samples)
    assert not says_synthetic(tmp_path / "nowhere.wav")
