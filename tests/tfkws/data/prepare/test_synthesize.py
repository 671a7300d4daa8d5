"""Synthetic speech: the same bytes from the same settings, whatever else was spoken before, and honest folders."""

import errno
import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytest.importorskip("espeakng_loader")

from tfkws.config.quickstart import DEFAULT_WORDS, SynthesisSettings
from tfkws.data.prepare import synthesize as module
from tfkws.data.prepare.espeak import VoiceSetting
from tfkws.data.prepare.synthesize import synthesize
from tfkws.data.protocols import PROTOCOLS, make_task
from tfkws.data.task_data import load_task
from tfkws.errors import DataError, SynthesisError

VOICE = VoiceSetting("en-us", "f2", 50, 50, 160)
SMALL = SynthesisSettings(words=("sheila", "tree"), voices=4, takes=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("synthetic")
    synthesize(path, SMALL)
    return path


@pytest.fixture
def noiseless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No background noise is written, which takes longer than a few clips."""
    monkeypatch.setattr(module, "BACKGROUND_NOISES", ())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.wav"))}


def speech(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in contents(folder).items() if not name.startswith("_")}


def test_two_runs_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    synthesize(tmp_path / "again", SMALL)
    assert contents(folder) == contents(tmp_path / "again")
    assert (folder / "SYNTHETIC_SPEECH.json").read_text() == (tmp_path / "again" / "SYNTHETIC_SPEECH.json").read_text()


def test_layout_is_that_of_speech_commands(folder: Path) -> None:
    for word in SMALL.words:
        names = [path.name for path in (folder / word).iterdir()]
        assert len(names) == 8 and all(re.fullmatch(r"[0-9a-f]{8}_nohash_[01]\.wav", name) for name in names)
    for path in folder.rglob("*.wav"):
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.subtype) == (16_000, 1, "PCM_16")
        assert info.frames == (960_000 if path.parent.name == "_background_noise_" else 16_000)


def test_clips_differ_between_takes_words_and_voices(folder: Path) -> None:
    clips = list(speech(folder).values())
    assert len(set(clips)) == len(clips) == 16


def test_words_are_audible_unclipped_and_whole(folder: Path) -> None:
    for path in (folder / "sheila").iterdir():
        samples, _ = soundfile.read(path)
        assert 0.02 < np.abs(samples).max() < 0.97
        power = np.mean(samples.reshape(-1, 160) ** 2, axis=1)
        loud = np.flatnonzero(power > 0.01 * power.max())
        assert 0.15 < (loud[-1] - loud[0]) / 100 <= 0.96


def test_second_run_writes_nothing_and_a_gap_is_filled(folder: Path) -> None:
    before = contents(folder)
    assert synthesize(folder, SMALL).written == 0
    victim = sorted((folder / "tree").iterdir())[3]
    victim.unlink()
    steps: list[tuple[int, int]] = []
    assert synthesize(folder, SMALL, lambda *step: steps.append(step)).written == 1
    assert steps[-1] == (16, 16)
    assert contents(folder) == before


@pytest.mark.usefixtures("noiseless")
def test_interrupted_run_leaves_whole_clips_only(tmp_path: Path, folder: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize(tmp_path / "new", SMALL, interrupt)
    there = speech(tmp_path / "new")
    assert there.items() <= speech(folder).items()
    assert not [path for path in (tmp_path / "new").rglob(".*") if path.is_file()]
    synthesize(tmp_path / "new", SMALL)
    assert speech(tmp_path / "new") == speech(folder)


@pytest.mark.usefixtures("noiseless")
def test_more_words_may_be_added_later(tmp_path: Path, folder: Path) -> None:
    synthesize(tmp_path / "grown", replace(SMALL, words=("tree",)))
    synthesize(tmp_path / "grown", replace(SMALL, words=("sheila",)))
    assert speech(tmp_path / "grown") == speech(folder)
    assert json.loads((tmp_path / "grown" / "SYNTHETIC_SPEECH.json").read_text())["words"] == ["tree", "sheila"]


def test_other_settings_and_real_speech_are_never_mixed_in(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DataError, match="other settings"):
        synthesize(folder, replace(SMALL, seed=1))
    (tmp_path / "real" / "yes").mkdir(parents=True)
    with pytest.raises(DataError, match="other things than synthetic speech"):
        synthesize(tmp_path / "real", SMALL)


@pytest.mark.parametrize("word", ["", "../up", " up", "a/b", "a\\b", ".up", "_up", "123", "up\n", "a\0b", "up."])
def test_words_that_are_no_words_are_refused(tmp_path: Path, word: str) -> None:
    with pytest.raises(DataError, match="A word must be"):
        synthesize(tmp_path, replace(SMALL, words=(word,)))
    with pytest.raises(DataError, match="differ by case only"):
        synthesize(tmp_path, replace(SMALL, words=("up", "Up")))
    assert not [*tmp_path.iterdir()]


SPOKEN = ("hey you", "Computer", "gr\u00fcn", "don't", "go-go", "route 66")


@pytest.mark.usefixtures("noiseless")
def test_words_of_any_case_script_and_number_are_spoken(tmp_path: Path) -> None:
    assert synthesize(tmp_path, replace(SMALL, words=SPOKEN, voices=1, takes=1)).written == len(SPOKEN)
    for word in SPOKEN:
        (path,) = (tmp_path / word).iterdir()
        assert np.abs(soundfile.read(path)[0]).max() > 0.02, word


def test_default_words_are_public_ones() -> None:
    assert DEFAULT_WORDS[0] == "sheila" and len(DEFAULT_WORDS) >= 13
    assert set(DEFAULT_WORDS) <= set(PROTOCOLS["words-35-list"].words)


def test_folder_loads_as_a_task_and_is_called_synthetic(folder: Path) -> None:
    data = load_task(folder, make_task("wake-word"), splits=("training",))
    assert data.synthetic and len(data.noises) == 5
    assert data.manifest.counts()["training"]["sheila"] >= 4


@pytest.mark.usefixtures("noiseless")
def test_a_dead_worker_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_write_clips", _die)
    with pytest.raises(SynthesisError, match="run the same command again"):
        synthesize(tmp_path, replace(SMALL, voices=1))


def _die(job: object) -> tuple[int, int]:
    os._exit(1)


@pytest.mark.usefixtures("noiseless")
def test_without_semaphores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where /dev/shm is read-only or missing."""

    def refused(*arguments: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("_multiprocessing.SemLock", refused)
    assert synthesize(tmp_path, replace(SMALL, voices=1, takes=1)).written == 2


def test_a_full_disk_is_the_systems_error_with_the_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_write_clips", _full)
    with pytest.raises(OSError, match="No space left") as caught:
        synthesize(tmp_path, replace(SMALL, voices=1))
    assert caught.value.errno == errno.ENOSPC and caught.value.filename == "clip.wav"


def _full(job: object) -> tuple[int, int]:
    raise OSError(errno.ENOSPC, "No space left on device", "clip.wav")


def test_clips_that_another_run_wrote_meanwhile_are_not_counted(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = module._jobs

    def late(*arguments: Any) -> list[Any]:
        found = list(jobs(*arguments))
        shutil.copytree(folder, tmp_path / "out", dirs_exist_ok=True)
        return found

    monkeypatch.setattr(module, "_jobs", late)
    result = synthesize(tmp_path / "out", SMALL)
    assert (result.clips, result.written) == (16, 0)
