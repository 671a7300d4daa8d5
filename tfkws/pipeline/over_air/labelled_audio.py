"""Audio files with what is said in them: which labels belong to which file, and whether they fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tfkws.data.audio.decoder import SUFFIXES, audio_seconds
from tfkws.detect.timeline.labels import read_labels, words_among
from tfkws.detect.timeline.timeline import Timeline, read_timeline
from tfkws.errors import DataError

LABELS = ".txt"


@dataclass(frozen=True)
class LabelledAudio:
    """An audio file and what is said in it."""

    path: Path
    timeline: Timeline


def pair_files(paths: Sequence[Path]) -> list[tuple[Path, Path | None]]:
    """Give each audio file its label track: the one named after it, or else the one that lies beside it.

    Args:
        paths: audio files, each with its `.txt` behind it or not; folders, for all audio in them.

    Raises:
        DataError: a file or folder is missing, holds no audio, or is named twice.
    """
    pairs: list[tuple[Path, Path | None]] = []
    for path in paths:
        if path.suffix.lower() == LABELS:
            if not pairs:
                raise DataError(f"{path} stands before any audio file; name the audio first, then its labels.")
            pairs[-1] = (pairs[-1][0], path)
        elif path.is_dir():
            found = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file())
            if not found:
                raise DataError(f"{path} holds no audio; give {', '.join(sorted(SUFFIXES))} files.")
            pairs += [(each, _beside(each)) for each in found]
        else:
            pairs.append((path, _beside(path)))
    _check_pairs([audio for audio, _ in pairs])
    return pairs


def open_audio(audio: Path, labels: Path | None, words: Sequence[str]) -> LabelledAudio:
    """Read what is known of an audio file: its labels, and of a composed one its `.json`.

    The label track says what the words are; without one the `.json` does. Without either there is no word in
    the audio, and it was recorded in one piece.

    Args:
        words: that the detector knows.

    Raises:
        DataError: the audio cannot be read, or the labels do not fit it or the detector.
    """
    duration_s = audio_seconds(audio)
    about = audio.with_suffix(".json")
    timeline = read_timeline(about) if about.is_file() else Timeline("recorded", duration_s)
    if abs(timeline.duration_s - duration_s) > 0.01:
        raise DataError(f"{audio} is {duration_s:.2f} s long and {about.name} says {timeline.duration_s:.2f} s.")
    said = read_labels(labels, duration_s) if labels else list(timeline.utterances)
    where = str(labels or about)
    return LabelledAudio(audio, replace(timeline, utterances=words_among(said, words, where)))


def _beside(audio: Path) -> Path | None:
    labels = audio.with_suffix(LABELS)
    return labels if labels.is_file() else None


def _check_pairs(audio: Sequence[Path]) -> None:
    for path in audio:
        if not path.is_file():
            raise DataError(f"There is no audio file {path}.")
        if audio.count(path) > 1:
            raise DataError(f"{path} is named twice; its hours would count twice.")
