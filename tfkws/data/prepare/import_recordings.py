"""Importing one's own recordings into Speech Commands' layout: any rate, length and format that libsndfile reads.

The source holds one folder a word; below it, folders are speakers. A speaker decides the split, so all recordings of
one person must share a folder, or a file name up to `_nohash_` or the first `_`.
"""

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np

from tfkws.config import BACKGROUND_NOISE
from tfkws.data.audio.decoder import SUFFIXES
from tfkws.data.audio.files import Decoder, says_synthetic, to_int16, write_clip
from tfkws.data.audio.wav_header import read_plain_wav
from tfkws.data.clip_index import ROOM_RESPONSES, SPLIT_BY_FILE_MARKER, SYNTHETIC_MARKER, read_index
from tfkws.data.folder_scan import Entry, left_out, walk
from tfkws.data.prepare.loudest_second import read_loudest_second, read_whole
from tfkws.data.splits import speaker_of
from tfkws.errors import AudioError, ConfigError, DataError
from tfkws.names import composed, shown, text_of
from tfkws.partial_files import remove_leftovers
from tfkws.run_folder import write_json, write_new

WHOLE_FOLDERS = (BACKGROUND_NOISE, ROOM_RESPONSES)
SplitBy = Literal["speaker", "file"]


@dataclass(frozen=True)
class ImportResult:
    """What an import did.

    Attributes:
        written: clips that are new, and that this import wrote.
        unchanged: clips that were there already.
        skipped: (file, reason) of those left out.
        one_speaker: (word, speaker) of words whose recordings, of which there are several, are all of one speaker.
    """

    written: int
    unchanged: int
    skipped: tuple[tuple[str, str], ...]
    one_speaker: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "written": self.written,
            "unchanged": self.unchanged,
            "left_out": [{"file": file, "reason": reason} for file, reason in self.skipped],
            "one_speaker": [{"word": word, "speaker": speaker} for word, speaker in self.one_speaker],
        }


def import_recordings(
    source: Path,
    target: Path,
    decoder: Decoder = "soundfile",
    progress: Callable[[int, int], None] | None = None,
    split_by: SplitBy = "speaker",
) -> ImportResult:
    """Convert every audio file below `source` to a clip in `target`; what cannot be read is left out and listed.

    Background noises and room responses (`_background_noise_`, `_room_impulse_responses_`) keep their length;
    of anything else that is longer than a second, the loudest second is taken. Links are followed. Two recordings
    never become one clip, whatever their names.

    Args:
        progress: called with (files done, files in all).
        split_by: "file" makes each file a speaker of its own, so that clips of one person can be split; the folder is
            marked so.

    Raises:
        DataError: the source is missing or holds no audio, the folders lie in each other, or the target holds
            synthetic speech or clips that are split otherwise.
    """
    _check_target(source, target, split_by)
    files, skipped = _audio_files(source)
    if split_by == "file":
        write_json(target / SPLIT_BY_FILE_MARKER, {"statement": "One person may be in several splits of this folder."})
    importer = _Importer(source, target, decoder, split_by)
    for done, file in enumerate(files, start=1):
        try:
            importer.take(file)
        except AudioError as error:
            skipped.append((shown(file), str(error).replace(f"{source}{os.sep}", "")))
        if progress is not None:
            progress(done, len(files))
    return ImportResult(importer.written, importer.unchanged, tuple(skipped), importer.one_speaker())


class _Importer:
    """Writes one clip after the other, and remembers which names of clips are taken."""

    def __init__(self, source: Path, target: Path, decoder: Decoder, split_by: SplitBy) -> None:
        self._source, self._target, self._decoder, self._split_by = source, target, decoder, split_by
        self._all_synthetic = (source / SYNTHETIC_MARKER).exists()
        self._taken: set[Path] = set()
        self._cleaned: set[Path] = set()
        self._speakers: dict[str, list[str]] = defaultdict(list)
        self.written, self.unchanged = 0, 0

    def take(self, file: str) -> None:
        """Import one file, under the first of its names that is free or holds it already.

        Raises:
            AudioError: it cannot be decoded.
        """
        whole = file.split("/", 1)[0] in WHOLE_FOLDERS
        read = read_whole if whole else read_loudest_second
        samples = to_int16(read(self._source / file, self._decoder))
        write = partial(_write, samples, self._all_synthetic or says_synthetic(self._source / file))
        for name in clip_names(file, self._split_by, samples):
            path = self._target / name
            if path in self._taken:
                continue
            if not path.exists():
                self._clean(path.parent)
                new = write_new(path, write)
                self.written += new
                self.unchanged += not new
            elif _holds(path, samples):
                self.unchanged += 1
            else:
                continue
            self._taken.add(path)
            if not whole:
                self._speakers[name.parts[0]].append(speaker_named(file))
            return

    def _clean(self, folder: Path) -> None:
        if folder not in self._cleaned:
            remove_leftovers(folder)
            self._cleaned.add(folder)

    def one_speaker(self) -> tuple[tuple[str, str], ...]:
        """Return the words with several recordings of one speaker, and who that is."""
        if self._split_by == "file":
            return ()
        several = {word: names for word, names in self._speakers.items() if len(names) > 1}
        return tuple((word, names[0]) for word, names in several.items() if len(set(names)) == 1)


def _write(samples: np.ndarray, synthetic: bool, path: Path) -> None:
    write_clip(path, samples, synthetic=synthetic)


def clip_names(file: str, split_by: SplitBy, samples: np.ndarray) -> Iterator[Path]:
    """Yield the names that a recording may get below the data folder, best first; the last depends on its content.

    A clip is `word/<8 hex>_nohash_<digits>.wav`; the hexadecimal digits are the hash of the speaker's name.

    Args:
        file: path below the source, as Python lists it.
        samples: int16 (n,).
    """
    path = PurePosixPath(file)
    word = composed(str(text_of(path.parts[0])))
    digest = hashlib.sha256(os.fsencode(file)).hexdigest()
    content = hashlib.sha256(samples.tobytes()).hexdigest()
    if word in WHOLE_FOLDERS:
        stem = text_of(path.stem) or digest[:8]
        yield from (Path(word, f"{stem}{end}.wav") for end in ("", f"-{digest[:8]}", f"-{content[:16]}"))
    else:
        speaker = digest[:8] if split_by == "file" else _speaker_id(speaker_named(file))
        takes = (digest[:6], digest[6:18], content[:18])
        yield from (Path(word, f"{speaker}_nohash_{int(take, 16)}.wav") for take in takes)


def speaker_named(file: str) -> str:
    """Return the name of the speaker of a recording.

    Args:
        file: path below the source.

    Example:
        >>> speaker_named("hey/anna/1.wav"), speaker_named("hey/ben_2.wav"), speaker_named("hey/012c8314_nohash_1.wav")
        ('anna', 'ben', '012c8314')
    """
    path = PurePosixPath(file)
    if len(path.parts) > 2:
        name = path.parts[1]
    else:
        name = speaker_of(path.stem) if "_nohash_" in path.stem else path.stem.split("_")[0]
    return composed(text_of(name) or name)


def _speaker_id(speaker: str) -> str:
    """Return the speaker's name itself where it is such an id already, as in Speech Commands; else its hash."""
    if len(speaker) == 8 and all(letter in "0123456789abcdef" for letter in speaker):
        return speaker
    return hashlib.sha256(os.fsencode(speaker)).hexdigest()[:8]


def _holds(path: Path, samples: np.ndarray) -> bool:
    try:
        there = read_plain_wav(path)
    except AudioError:
        return False
    return there is not None and np.array_equal(there, samples)


def _check_target(source: Path, target: Path, split_by: SplitBy) -> None:
    if not source.is_dir():
        raise DataError(f"There is no folder {source}; give one that holds a folder of recordings for each word.")
    inner, outer = source.resolve(), target.resolve()
    if inner == outer or inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise DataError(
            f"{source} and {target} are the same folder or lie in each other; import into a folder beside it."
        )
    if (target / SYNTHETIC_MARKER).exists():
        raise DataError(f"{target} holds synthetic speech; import real recordings into another folder.")
    marked = (target / SPLIT_BY_FILE_MARKER).exists()
    if marked != (split_by == "file") and (marked or _has_clips(target)):
        there = "file" if marked else "speaker"
        raise DataError(
            f"{target} holds clips that are split by {there}; import into another folder, or with --split-by {there}."
        )


def _has_clips(target: Path) -> bool:
    try:
        return target.is_dir() and bool(read_index(target).files)
    except DataError:
        return False


def _audio_files(source: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the audio files below `source`, sorted, all of them in a word's folder; and what is left out, and why."""
    entries = list(walk(source))
    found = [entry for entry in entries if _is_recording(entry)]
    loose = [entry.name for entry in found if "/" not in entry.name]
    if loose:
        raise DataError(f"{source / loose[0]} lies in no word's folder; move it to {source}/WORD/{loose[0]}.")
    skipped = left_out([entry for entry in entries if not _is_recording(entry)])
    nameless = [entry for entry in found if _word(entry) is None]
    skipped += [(shown(entry.name), "the name of its folder is not UTF-8 text; rename it") for entry in nameless]
    if not found:
        first = f" {skipped[0][0]}: {skipped[0][1]}." if skipped else ""
        raise DataError(
            f"{source} holds no {', '.join(sorted(SUFFIXES))} files; other formats must be converted first.{first}"
        )
    return [entry.name for entry in found if _word(entry) is not None], skipped


def _is_recording(entry: Entry) -> bool:
    return entry.kind == "file" and entry.suffix in SUFFIXES


def _word(entry: Entry) -> str | None:
    return text_of(entry.name.split("/", 1)[0])


def check_decoder(name: str) -> Decoder:
    """Return `name` as a decoder.

    Raises:
        ConfigError: there is none of that name.
    """
    known: dict[str, Decoder] = {"soundfile": "soundfile", "tensorflow-io": "tensorflow-io"}
    if name in known:
        return known[name]
    raise ConfigError(f"There is no decoder {name!r}; choose soundfile or tensorflow-io.")


def check_split_by(name: str) -> SplitBy:
    """Return `name` as a way of splitting.

    Raises:
        ConfigError: there is none of that name.
    """
    known: dict[str, SplitBy] = {"speaker": "speaker", "file": "file"}
    if name in known:
        return known[name]
    raise ConfigError(f"Clips cannot be split by {name!r}; choose speaker or file.")
