"""Rooms and noises: made up, from a data folder, from files, and silent ones refused."""

from pathlib import Path

import numpy as np
import pytest

from tfkws.config.hearing.simulation import AcousticsConfig
from tfkws.data.audio.files import write_clip
from tfkws.detect.over_air.surroundings import read_surroundings
from tfkws.errors import DataError

SETTINGS = AcousticsConfig()


def recording(path: Path, value: int, samples: int = 32_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    audio = np.zeros(samples, np.int16)
    audio[samples * 9 // 10 :: 2] = value  # the testing part alone sounds
    write_clip(path, audio)
    return path


def test_without_files_everything_is_made_up_by_seed() -> None:
    first, same, other = (read_surroundings(SETTINGS, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.response, same.response)
    assert not np.array_equal(first.response, other.response)
    assert len(first.response) == pytest.approx(0.4 * 16_000, abs=50)
    assert len(first.noises) == 3


def test_noises_of_a_data_folder_are_used_in_their_testing_part(tmp_path: Path) -> None:
    recording(tmp_path / "happy" / "a_nohash_0.wav", 100)
    for name in ("tap", "street"):
        recording(tmp_path / "_background_noise_" / f"{name}.wav", 1_000, 640_000)
    surroundings = read_surroundings(SETTINGS, 0, tmp_path)
    assert [len(noise.samples) for noise in surroundings.noises] == [64_000, 64_000]
    assert all(np.abs(noise.samples[::2]).min() > 0 for noise in surroundings.noises)


def test_trials_meet_the_noises_in_turns_and_the_same_draw_twice(tmp_path: Path) -> None:
    surroundings = read_surroundings(SETTINGS, 0)
    speech = np.zeros(16_000, np.float32)
    again = [surroundings.record(speech, "anna", trial, 0) for trial in (0, 0, 1, 3)]
    np.testing.assert_array_equal(again[0], again[1])
    assert not np.array_equal(again[0], again[2])
    smoothness = [np.corrcoef(each[:-1], each[1:])[0, 1] for each in (again[0], again[2], again[3])]
    assert smoothness[0] == pytest.approx(smoothness[2], abs=0.05)  # the first noise again
    assert smoothness[0] != pytest.approx(smoothness[1], abs=0.05)


def test_silent_files_are_refused(tmp_path: Path) -> None:
    silent = recording(tmp_path / "silent.wav", 0)
    with pytest.raises(DataError, match="silent.wav is silent"):
        read_surroundings(SETTINGS, 0, response=silent)
    with pytest.raises(DataError, match="Every noise is silent"):
        read_surroundings(SETTINGS, 0, noise=silent)
