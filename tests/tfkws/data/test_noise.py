"""Background noises: their colour, and that no split hears what another one hears."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tfkws.config import TaskConfig
from tfkws.data.noise import COLOURS, Noise, coloured_noise, part_of, silence_clip
from tfkws.data.splits import SPLITS
from tfkws.data.task_data import load_task


def test_silence_of_the_splits_comes_from_separate_stretches(make_folder: Callable[..., Path]) -> None:
    """The noises are ramps, so a value divided by the slope of its clip tells where the clip was cut."""
    task = TaskConfig("commands", ("yes", "no"), silence_percent=400)
    bounds = {"training": (0.0, 0.8), "validation": (0.8, 0.9), "testing": (0.9, 1.0)}
    for name, clips in load_task(make_folder(), task).splits.items():
        for row, file in enumerate(clips.files):
            if file.endswith(("ramp", "fall")):
                clip = clips.audio[row].astype(float)
                slope = (clip[-1] - clip[0]) / 15_999  # gain / 160,000, so that value / slope is the position
                low, high = clip[0] / slope / 160_000, clip[-1] / slope / 160_000
                if abs(clip[-1]) > 4000:  # else rounding to integers blurs the position
                    assert bounds[name][0] - 6e-3 <= low < high <= bounds[name][1] + 6e-3


@pytest.mark.parametrize(("colour", "slope"), [("white", 0.0), ("pink", -1.0), ("brown", -2.0)])
def test_coloured_noise_falls_as_it_should(colour: str, slope: float) -> None:
    """The slope of log power over log frequency, fitted over octaves from 62 Hz to 4 kHz."""
    samples = coloured_noise(colour, 30, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / 16_000)
    octaves = 62.5 * 2.0 ** np.arange(7)
    means = [power[(hz >= low) & (hz < 2 * low)].mean() for low in octaves]
    assert np.polyfit(np.log(octaves), np.log(means), 1)[0] == pytest.approx(slope, abs=0.05)
    assert set(COLOURS) == {"white", "pink", "brown"}


def test_parts_of_a_noise_are_shared_out_whole() -> None:
    noise = Noise("ramp", np.arange(400_000, dtype=np.float32))
    parts = [part_of(noise, split).samples for split in SPLITS]
    assert [len(part) for part in parts] == [320_000, 40_000, 40_000]
    np.testing.assert_array_equal(np.concatenate(parts), noise.samples)


def test_a_short_part_is_repeated_to_a_second() -> None:
    part = part_of(Noise("short", np.arange(1_000, dtype=np.float32)), "testing").samples
    np.testing.assert_array_equal(part, np.tile(np.arange(900, 1_000, dtype=np.float32), 160))
    np.testing.assert_array_equal(part_of(Noise("none", np.zeros(0, np.float32)), "testing").samples, np.zeros(16_000))


def test_a_tenth_of_the_silence_clips_is_digital_and_each_repeats() -> None:
    parts = [Noise("a/hum.wav", np.full(20_000, 0.5, np.float32))]
    clips = [silence_clip(parts, "training", number, seed=0) for number in range(500)]
    digital = [audio for name, audio in clips if name.endswith("-digital")]
    assert 30 <= len(digital) <= 70  # 50 expected, standard deviation 6.7
    assert not np.any(digital)
    assert clips[7][0] == "_silence_/training-00007-hum"
    again = silence_clip(parts, "training", 7, seed=0)[1]
    np.testing.assert_array_equal(again, clips[7][1])
    assert all(0 <= audio.min() == audio.max() <= 16_384 for _, audio in clips)


def test_without_noises_silence_is_digital() -> None:
    name, audio = silence_clip([], "testing", 3, seed=0)
    assert name == "_silence_/testing-00003-digital"
    assert audio.dtype == np.int16 and not audio.any()
