from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.data.folder_scan import audio_below
from tfkws.data.splits import split_of
from tfkws.errors import DataError
from tfkws.pipeline.wakeword.recorded import read_own, read_speech, stretches


def write(path: Path, seconds: float = 1.0, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(seed).normal(0, 0.1, round(seconds * 16_000))
    soundfile.write(path, samples, 16_000)


def test_words_of_training_and_validation_speakers_are_read(tmp_path: Path) -> None:
    names = [f"{number:08x}_nohash_0.wav" for number in range(40)]
    for number, name in enumerate(names):
        write(tmp_path / "yes" / name, seed=number)
        write(tmp_path / "computer" / name, seed=number)
    write(tmp_path / "_background_noise_" / "hum.wav", seconds=10.0)
    found = read_speech(tmp_path, "computer", seed=0)
    counts = {split: sum(split_of(f"yes/{name}") == split for name in names) for split in ("training", "validation")}
    assert len(found["training", "recorded"]) == counts["training"]  # nothing of "computer", which is the phrase
    assert len(found["validation", "recorded"]) == counts["validation"]
    assert len(found["training", "noise"][0]) == 8 * 16_000
    assert len(found["validation", "noise"][0]) == 16_000


def test_any_audio_is_read_in_stretches(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path / "talks" / f"{number}.wav", seconds=7.0, seed=number)
    found = read_speech(tmp_path, "computer", seed=0)
    training, validation = found["training", "recorded"], found["validation", "recorded"]
    assert len(training) + len(validation) == 60
    assert len(training) > len(validation) > 0
    assert {len(each) for each in training} == {6 * 16_000, 16_000}


def test_own_recordings_are_cut_at_what_is_said_and_some_kept_back(tmp_path: Path) -> None:
    for number in range(10):
        path = tmp_path / f"{number}.wav"
        audio = np.random.default_rng(number).normal(0, 0.004, 24_000)  # a room of which nothing is 40 dB below speech
        audio[8_000:16_000] += np.random.default_rng(number + 100).normal(0, 0.1, 8_000)
        soundfile.write(path, audio, 16_000)
    found = read_own(tmp_path, "own")
    assert (len(found["training", "own"]), len(found["validation", "own"])) == (8, 2)
    assert all(8_000 <= len(each) < 10_000 for each in found["training", "own"])
    assert {len(each) for each in read_own(tmp_path, "kept")["training", "kept"]} == {24_000}


def test_few_recordings_are_all_learnt_from(tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / f"{number}.wav", seed=number)
    found = read_own(tmp_path, "kept")
    assert (len(found["training", "kept"]), len(found["validation", "kept"])) == (3, 0)


def test_a_folder_without_audio_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no audio"):
        audio_below(tmp_path)
    with pytest.raises(DataError, match="There is no folder"):
        audio_below(tmp_path / "missing")


def test_stretches_cover_everything() -> None:
    audio = np.random.default_rng(0).uniform(-0.9, 0.9, 250_000).astype(np.float32)
    assert sum(map(len, stretches(audio))) == len(audio)
