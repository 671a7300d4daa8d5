"""Write a folder of synthetic speech in Speech Commands' layout: one id a voice, so that the split rule applies.

What it is made of: `tfkws.config.quickstart`.
"""

import json
import os
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.child_processes import ChildDiedError, Job, run_in_children
from tfkws.config import BACKGROUND_NOISE, SynthesisSettings
from tfkws.data.audio.files import to_int16, write_clip
from tfkws.data.clip_index import SYNTHETIC_MARKER
from tfkws.data.prepare.espeak import VoiceSetting, version
from tfkws.data.prepare.synthetic_clip import draw_voices, make_clips
from tfkws.data.prepare.synthetic_noise import BACKGROUND_NOISES, background_noise
from tfkws.errors import DataError, SynthesisError
from tfkws.partial_files import remove_leftovers
from tfkws.run_folder import read_json, write_json, write_new

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SynthesisResult:
    """What was done.

    Attributes:
        folder: of the clips.
        clips: that the folder holds by these settings.
        written: those of them that are new, and that this run wrote.
    """

    folder: Path
    clips: int
    written: int


def synthesize(folder: Path, settings: SynthesisSettings, progress: Progress | None = None) -> SynthesisResult:
    """Write the clips that `folder` lacks, with every core; an interrupted run goes on where it stopped.

    Args:
        progress: called with (clips there, clips in all).

    Raises:
        DataError: the folder holds clips that are not synthetic, or synthetic ones of other settings.
        SynthesisError: the synthesiser failed, or a word is too long for a clip.
        RuntimeUnavailableError: espeakng-loader is not installed.
    """
    _check(settings)
    _claim(folder, settings)
    voices = draw_voices(settings.voices, settings.seed)
    total = len(settings.words) * len(voices) * settings.takes
    jobs = [job for job in _jobs(folder, settings, voices) if job.missing]
    missing = sum(len(takes) for job in jobs for takes in job.missing.values())
    done, written = total - missing, 0
    for finished, new in _run(jobs, folder, settings.seed):
        done += finished
        written += new
        if progress is not None:
            progress(done, total)
    return SynthesisResult(folder, total, written)


@dataclass(frozen=True)
class _Job:
    """The clips of one voice that are not there yet: word -> paths, None where a take exists."""

    folder: Path
    voice: VoiceSetting
    takes: int
    seed: int
    missing: dict[str, dict[int, Path]]


def _jobs(folder: Path, settings: SynthesisSettings, voices: dict[str, VoiceSetting]) -> Iterator[_Job]:
    for speaker, voice in voices.items():
        missing: dict[str, dict[int, Path]] = {}
        for word in settings.words:
            paths = {take: folder / word / f"{speaker}_nohash_{take}.wav" for take in range(settings.takes)}
            absent = {take: path for take, path in paths.items() if not path.exists()}
            if absent:
                missing[word] = absent
        yield _Job(folder, voice, settings.takes, settings.seed, missing)


def _run(jobs: list[_Job], folder: Path, seed: int) -> Iterator[tuple[int, int]]:
    """Run the jobs in processes, one a core, because libespeak-ng's state is global.

    Yields:
        How many clips of the job are there now, and how many of them it wrote.
    """
    for name in (*sorted({word for job in jobs for word in job.missing}), BACKGROUND_NOISE):
        remove_leftovers(folder / name)
    noises = [name for name in BACKGROUND_NOISES if not _noise_path(folder, name).exists()]
    work: list[Job] = [(_write_noise, (folder, name, seed)) for name in reversed(noises)]
    work += [(_write_clips, (job,)) for job in jobs]
    try:
        yield from run_in_children(work, os.cpu_count() or 1)
    except ChildDiedError:
        raise SynthesisError("A process of the speech synthesiser died; run the same command again to go on.") from None


def _write_clips(job: _Job) -> tuple[int, int]:
    written = 0
    for word, paths in job.missing.items():
        clips = make_clips(job.voice, word, job.takes, job.seed)
        for take, path in paths.items():
            written += write_new(path, partial(_write_speech, clips[take]))
    return sum(len(paths) for paths in job.missing.values()), written


def _write_noise(folder: Path, name: str, seed: int) -> tuple[int, int]:
    write_new(_noise_path(folder, name), partial(_write, to_int16(background_noise(name, seed))))
    return 0, 0


def _write(samples: np.ndarray, path: Path) -> None:
    write_clip(path, samples)


def _write_speech(samples: np.ndarray, path: Path) -> None:
    write_clip(path, samples, synthetic=True)


def _noise_path(folder: Path, name: str) -> Path:
    return folder / BACKGROUND_NOISE / f"{name}.wav"


def _check(settings: SynthesisSettings) -> None:
    for word in settings.words:
        if reason := why_no_word(word):
            raise DataError(f"A word must be one or more words to say, and a folder's name: {word!r} {reason}.")
    folded: dict[str, str] = {}
    for word in settings.words:
        other = folded.setdefault(word.casefold(), word)
        if other != word:
            raise DataError(f"{other!r} and {word!r} differ by case only, and some systems keep them in one folder.")


def why_no_word(word: str) -> str:
    """Return why a text cannot be synthesised as a word, or as several; empty where it can.

    Example:
        >>> why_no_word("hey computer"), why_no_word("../up")
        ('', "holds '.'")
    """
    if not any(letter.isalpha() for letter in word):
        return "has no letter"
    bad = [letter for letter in word if not (letter in " '-" or unicodedata.category(letter)[0] in "LMN")]
    if bad:
        return f"holds {bad[0]!r}"
    return "begins or ends with a space" if word != word.strip() else ""


def _claim(folder: Path, settings: SynthesisSettings) -> None:
    """Mark the folder as synthetic before the first clip; refuse to mix settings, or real with synthetic speech."""
    marker = folder / SYNTHETIC_MARKER
    mine = _description(settings)
    if marker.exists():
        there = read_json(marker)
        if any(there.get(key) != mine[key] for key in ("voices", "takes", "seed", "generator")):
            raise DataError(
                f"{folder} holds synthetic speech of other settings ({_summary(there)}; now {_summary(mine)}); "
                "choose another folder."
            )
        mine["words"] = list(dict.fromkeys([*there.get("words", []), *settings.words]))
    elif folder.is_dir() and any(path.is_dir() for path in folder.iterdir()):
        raise DataError(f"{folder} holds other things than synthetic speech; choose an empty folder.")
    for name in (*settings.words, BACKGROUND_NOISE):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_json(marker, mine)


def _description(settings: SynthesisSettings) -> dict[str, Any]:
    return {
        "statement": "All speech in this folder is synthesised; scores on it say nothing about people.",
        "generator": f"espeak-ng {version()}",
        "seed": settings.seed,
        "voices": settings.voices,
        "takes": settings.takes,
        "words": list(settings.words),
    }


def _summary(description: dict[str, Any]) -> str:
    return ", ".join(f"{key} {json.dumps(description.get(key))}" for key in ("generator", "voices", "takes", "seed"))
