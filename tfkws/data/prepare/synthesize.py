"""Write a folder of synthetic speech in Speech Commands' layout: one id a voice, so that the split rule applies.

What it is made of: `tfkws.config.quickstart`.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tfkws.config import BACKGROUND_NOISE, SynthesisSettings
from tfkws.data.audio.files import to_int16, write_clip
from tfkws.data.clip_index import SYNTHETIC_MARKER
from tfkws.data.prepare.espeak import VoiceSetting, version
from tfkws.data.prepare.synthetic_clip import draw_voices, make_clips
from tfkws.data.prepare.synthetic_noise import BACKGROUND_NOISES, background_noise
from tfkws.errors import DataError, SynthesisError
from tfkws.run_folder import read_json, whole_file, write_json

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SynthesisResult:
    """What was done.

    Attributes:
        folder: of the clips.
        clips: that the folder holds by these settings.
        written: those of them that are new.
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
    done = total - missing
    for count in _run(jobs, folder, settings.seed):
        done += count
        if progress is not None:
            progress(done, total)
    return SynthesisResult(folder, total, missing)


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


def _run(jobs: list[_Job], folder: Path, seed: int) -> Iterator[int]:
    """Run the jobs in processes, one a core, because libespeak-ng's state is global; yield the clips each wrote."""
    noises = [name for name in BACKGROUND_NOISES if not _noise_path(folder, name).exists()]
    if not jobs and not noises:
        return
    context = get_context("spawn")
    workers = max(1, min(os.cpu_count() or 1, len(jobs) + len(noises)))
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_parent)
    try:
        futures = [pool.submit(_write_noise, folder, name, seed) for name in reversed(noises)]
        futures += [pool.submit(_write_clips, job) for job in jobs]
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool:
        raise SynthesisError("A process of the speech synthesiser died; run the same command again to go on.") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _write_clips(job: _Job) -> int:
    for word, paths in job.missing.items():
        clips = make_clips(job.voice, word, job.takes, job.seed)
        for take, path in paths.items():
            with whole_file(path) as partial:
                write_clip(partial, clips[take])
    return sum(len(paths) for paths in job.missing.values())


def _write_noise(folder: Path, name: str, seed: int) -> int:
    samples = to_int16(background_noise(name, seed))
    with whole_file(_noise_path(folder, name)) as partial:
        write_clip(partial, samples)
    return 0


def _noise_path(folder: Path, name: str) -> Path:
    return folder / BACKGROUND_NOISE / f"{name}.wav"


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _check(settings: SynthesisSettings) -> None:
    for word in settings.words:
        if not word.isalpha() or not word.islower():
            raise DataError(f"A word must be written in lower-case letters only. Received {word!r}.")


def _claim(folder: Path, settings: SynthesisSettings) -> None:
    """Mark the folder as synthetic before the first clip; refuse to mix settings, or real with synthetic speech."""
    marker = folder / SYNTHETIC_MARKER
    mine = _description(settings)
    if marker.exists():
        there = read_json(marker)
        if any(there.get(key) != mine[key] for key in ("voices", "takes", "seed", "generator")):
            raise DataError(
                f"{folder} holds synthetic speech of other settings ({_summary(there)}; now {_summary(mine)}); "
                "choose another folder or delete it."
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
