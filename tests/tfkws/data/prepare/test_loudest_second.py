"""The loudest second, in one piece and in blocks."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.prepare.loudest_second import LoudestSecond, loudest_second, read_loudest_second
from tfkws.errors import AudioError


def test_long_recording_is_cut_at_its_loudest_second() -> None:
    samples = np.full(160_000, 0.01, np.float32)
    samples[70_000:86_000] = 0.5
    cut = loudest_second(samples)
    assert len(cut) == 16_000 and (cut == 0.5).mean() > 0.99


def test_loudest_second_by_brute_force() -> None:
    samples = np.random.default_rng(0).normal(size=20_000).astype(np.float32) * np.linspace(0, 1, 20_000) ** 2
    starts = range(0, 4001, 160)
    best = max(starts, key=lambda start: float(np.sum(samples[start : start + 16_000].astype(float) ** 2)))
    np.testing.assert_array_equal(loudest_second(samples), samples[best : best + 16_000])


@pytest.mark.parametrize("size", [1, 159, 160, 16_001, 50_000])
def test_blocks_find_the_same_second(size: int) -> None:
    samples = np.random.default_rng(size).normal(size=40_000).astype(np.float32)
    samples[23_000:30_000] *= 3
    loudest = LoudestSecond()
    for start in range(0, len(samples), size if size > 100 else 997):
        loudest.feed(samples[start : start + (size if size > 100 else 997)])
    np.testing.assert_array_equal(loudest.samples, loudest_second(samples))


def test_a_short_recording_is_kept_whole() -> None:
    samples = np.arange(9, dtype=np.float32)
    np.testing.assert_array_equal(loudest_second(samples), samples)


def test_an_hour_of_many_channels_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", 48_000, 8) as file:
        for second in range(300):
            file.write(np.full((48_000, 8), 1000 if second == 200 else 0, np.int16))
    tracemalloc.start()
    found = read_loudest_second(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.mean(found > 0.02) > 0.98 and peak < 150e6


def test_no_audio_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(0), 16_000)
    with pytest.raises(AudioError, match="holds no audio"):
        read_loudest_second(tmp_path / "a.wav")
