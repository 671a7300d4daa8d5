"""Importing one's own recordings into Speech Commands' layout: any rate and channel count, WAV, FLAC or OGG.

The source holds one folder a word; below it, folders are speakers. A speaker decides the split, so all recordings of
one person must share a folder, or a file name up to `_nohash_` or the first `_`.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.config import BACKGROUND_NOISE
from tfkws.data.audio.decoder import SUFFIXES
from tfkws.data.audio.files import (
    CLIP_SAMPLES,
    SAMPLE_RATE_HZ,
    Decoder,
    read_resampled,
    to_int16,
    write_clip,
)
from tfkws.data.clip_index import ROOM_RESPONSES, SYNTHETIC_MARKER
from tfkws.errors import AudioError, ConfigError, DataError
from tfkws.run_folder import whole_file

_WHOLE_FOLDERS = (BACKGROUND_NOISE, ROOM_RESPONSES)


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    Attributes:
        written: clips that are new.
        unchanged: clips that were there already.
        skipped: (file, reason) of those left out.
    """

    written: int
    unchanged: int
    skipped: tuple[tuple[str, str], ...]


def import_recordings(
    source: Path, target: Path, decoder: Decoder = "soundfile", progress: Callable[[int, int], None] | None = None
) -> ImportResult:
    """Convert every audio file below `source` to a clip in `target`; damaged ones are left out and listed.

    Background noises and room responses (`_background_noise_`, `_room_impulse_responses_`) keep their length;
    of anything else that is longer than a second, the loudest second is taken.

    Args:
        progress: called with (files done, files in all).

    Raises:
        DataError: the source is missing or holds no audio, or the target holds synthetic speech.
    """
    if (target / SYNTHETIC_MARKER).exists():
        raise DataError(f"{target} holds synthetic speech; import real recordings into another folder.")
    files = list(_audio_files(source))
    written, unchanged, skipped = 0, 0, []
    for done, file in enumerate(files, start=1):
        try:
            path = target / _target_name(file)
            if path.exists():
                unchanged += 1
            else:
                _convert(source / file, path, decoder)
                written += 1
        except AudioError as error:
            skipped.append((file.as_posix(), str(error).replace(f"{source}{os.sep}", "")))
        if progress is not None:
            progress(done, len(files))
    return ImportResult(written, unchanged, tuple(skipped))


def loudest_second(samples: np.ndarray) -> np.ndarray:
    """Return the second with the most energy, found to 10 ms.

    Returns:
        float32 (16000,), or all of a shorter recording.
    """
    if len(samples) <= CLIP_SAMPLES:
        return samples
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    starts = np.arange(0, len(samples) - CLIP_SAMPLES + 1, SAMPLE_RATE_HZ // 100)
    start = int(starts[np.argmax(energy[starts + CLIP_SAMPLES] - energy[starts])])
    return samples[start : start + CLIP_SAMPLES]


def _audio_files(source: Path) -> Iterator[Path]:
    """Yield the audio files below `source` as relative paths, sorted; all of them lie in a word's folder."""
    if not source.is_dir():
        raise DataError(f"There is no folder {source}; give one that holds a folder of recordings for each word.")
    found = [
        path.relative_to(source)
        for path in sorted(source.rglob("*"))
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink()
    ]
    if not found:
        raise DataError(
            f"{source} holds no {', '.join(sorted(SUFFIXES))} files; other formats must be converted first."
        )
    loose = [path for path in found if len(path.parts) == 1]
    if loose:
        raise DataError(f"{source / loose[0]} lies in no word's folder; move it to {source}/WORD/{loose[0]}.")
    yield from found


def _target_name(file: Path) -> Path:
    """Return `word/<8 hex>_nohash_<digits>.wav`; the hexadecimal digits are the hash of the speaker's name."""
    word = file.parts[0]
    if word in _WHOLE_FOLDERS:
        return Path(word, f"{file.stem}.wav")
    if len(file.parts) > 2:
        speaker = file.parts[1]
    else:
        speaker = file.stem.split("_nohash_")[0] if "_nohash_" in file.stem else file.stem.split("_")[0]
    take = int(hashlib.sha256(file.as_posix().encode()).hexdigest()[:6], 16)
    return Path(word, f"{_speaker_id(speaker)}_nohash_{take}.wav")


def _speaker_id(speaker: str) -> str:
    """Return the speaker's name itself where it is such an id already, as in Speech Commands; else its hash."""
    if len(speaker) == 8 and all(letter in "0123456789abcdef" for letter in speaker):
        return speaker
    return hashlib.sha256(speaker.encode()).hexdigest()[:8]


def _convert(path: Path, target: Path, decoder: Decoder) -> None:
    samples = read_resampled(path, decoder)
    if target.parent.name not in _WHOLE_FOLDERS:
        samples = loudest_second(samples)
    with whole_file(target) as partial:
        write_clip(partial, to_int16(samples))


def check_decoder(name: str) -> Decoder:
    """Return `name` as a decoder.

    Raises:
        ConfigError: there is none of that name.
    """
    known: dict[str, Decoder] = {"soundfile": "soundfile", "tensorflow-io": "tensorflow-io"}
    if name in known:
        return known[name]
    raise ConfigError(f"There is no decoder {name!r}; choose soundfile or tensorflow-io.")
