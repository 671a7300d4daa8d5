"""What lies in a data folder: one folder of clips a word, as in the Speech Commands archives.

Folders whose name begins with `.` or `_` are no words; `_silence_` and `_unknown_` mark a folder of test clips, as
in the 12-class test archive (4,890 clips).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tfkws.config import BACKGROUND_NOISE, SILENCE, UNKNOWN
from tfkws.data.audio.decoder import SUFFIXES
from tfkws.data.folder_scan import Entry, left_out, scan, walk
from tfkws.errors import DataError
from tfkws.names import composed, on_disk, shown, text_of

ROOM_RESPONSES = "_room_impulse_responses_"
SYNTHETIC_MARKER = "SYNTHETIC_SPEECH.json"
SPLIT_BY_FILE_MARKER = "SPLIT_BY_FILE.json"  # each clip counts as a speaker of its own

_CLASS_FOLDERS = (SILENCE, UNKNOWN)
_SOUND_FOLDERS = (BACKGROUND_NOISE, ROOM_RESPONSES)


@dataclass(frozen=True)
class ClipIndex:
    """The audio files of a data folder, by name alone; nothing is decoded.

    Attributes:
        files: clips as "word/name.wav", sorted.
        noises, responses: background noises and room responses, in the same form.
        is_test_set: whether there are `_silence_` or `_unknown_` clips, so that every clip is a test clip.
        is_synthetic: whether `tfkws data synthesize` wrote the folder.
        key: changes with the name, the size, the times or the place on disk of any clip.
        left_out: (name, reason) of what looks like a clip, or should be a folder of clips, and cannot be read.
        is_split_by_file: whether the folder was imported so, which puts one person into several splits.
    """

    data_dir: Path
    files: tuple[str, ...]
    noises: tuple[str, ...]
    responses: tuple[str, ...]
    is_test_set: bool
    is_synthetic: bool
    key: str
    left_out: tuple[tuple[str, str], ...] = ()
    is_split_by_file: bool = False

    def path(self, file: str) -> Path:
        """Return where a clip, noise or response lies, whatever the encoding of the file system."""
        return self.data_dir / on_disk(file)

    def clips_per_word(self) -> dict[str, int]:
        """Count the clips of each word folder, most first; equal counts by name."""
        counts: dict[str, int] = {}
        for file in self.files:
            word = word_of(file)
            counts[word] = counts.get(word, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def word_of(file: str) -> str:
    """Return the folder of a clip, with composed accents, as words are compared.

    >>> word_of("happy/012c8314_nohash_0.wav")
    'happy'
    """
    return composed(file.split("/", 1)[0])


def read_index(data_dir: Path) -> ClipIndex:
    """List the clips of `data_dir`.

    Raises:
        DataError: the folder does not exist or holds no folder with clips.
    """
    if not data_dir.is_dir():
        raise DataError(
            f"There is no data folder {data_dir}; make one with `tfkws data download` or `tfkws data synthesize`."
        )
    entries = scan(data_dir)
    words = [entry for entry in entries if entry.kind == "folder" and _is_word(entry.name)]
    clips = [_read_folder(data_dir, word.name) for word in words]
    sounds = {name: _read_folder(data_dir, name) for name in _SOUND_FOLDERS}
    files = tuple(sorted(file for folder in clips for file in folder.stamps))
    left = [*_loose(entries), *(one for folder in (*clips, *sounds.values()) for one in folder.left_out)]
    if not files:
        raise DataError(
            f"{data_dir} holds no folder with clips ({_listing(data_dir)}); it must hold one folder of "
            f"WAV clips a word.{_first(left)}"
        )
    noises, responses = (tuple(sorted(sounds[name].stamps)) for name in _SOUND_FOLDERS)
    return ClipIndex(
        data_dir=data_dir,
        files=files,
        noises=noises,
        responses=responses,
        is_test_set=any(word_of(file) in _CLASS_FOLDERS for file in files),
        is_synthetic=(data_dir / SYNTHETIC_MARKER).is_file(),
        key=_key({file: stamp for folder in clips for file, stamp in folder.stamps.items()}),
        left_out=tuple(left),
        is_split_by_file=(data_dir / SPLIT_BY_FILE_MARKER).is_file(),
    )


@dataclass(frozen=True)
class _Folder:
    """The clips of one folder, each with what changes when its content does, and what was left out."""

    stamps: dict[str, str]
    left_out: list[tuple[str, str]]


def _is_word(name: str) -> bool:
    return name in _CLASS_FOLDERS or not name.startswith("_")


def _read_folder(data_dir: Path, name: str) -> _Folder:
    if text_of(name) is None:
        return _Folder({}, [(f"{shown(name)}/", "its name is not UTF-8 text; rename it")])
    if not (data_dir / name).is_dir():
        return _Folder({}, [])
    try:
        entries = scan(data_dir / name)
    except OSError as error:
        return _Folder({}, [(f"{name}/", f"the folder cannot be read ({error.strerror})")])
    stamps = {}
    for entry in entries:
        if entry.kind == "file" and entry.suffix in SUFFIXES and entry.status and not entry.refusal():
            status = entry.status
            # The time of the last change of anything cannot be set back, so that a clip that was replaced is seen.
            stamp = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"
            stamps[f"{text_of(name)}/{text_of(entry.name)}"] = stamp
    return _Folder(stamps, [*left_out(entries, f"{name}/"), *_nested(data_dir / name, entries)])


def _nested(folder: Path, entries: list[Entry]) -> list[tuple[str, str]]:
    """Tell of clips that lie a folder too deep."""
    found = []
    for entry in entries:
        if entry.kind == "folder":
            try:
                count = sum(below.is_audio() for below in walk(folder / entry.name))
            except OSError as error:
                found.append((shown(f"{folder.name}/{entry.name}/"), f"the folder cannot be read ({error.strerror})"))
            else:
                reason = f"clips lie a folder too deep ({count}); `tfkws data import` makes clips of them"
                found += [(shown(f"{folder.name}/{entry.name}/"), reason)] * (count > 0)
    return found


def _loose(entries: list[Entry]) -> list[tuple[str, str]]:
    """Tell of clips that lie in no word's folder, and of links that lead to none."""
    odd = left_out(entries)
    loose = [entry for entry in entries if entry.kind == "file" and entry.is_audio() and not entry.refusal()]
    return [*odd, *((shown(entry.name), "it lies in no word's folder") for entry in loose)]


def _key(stamps: dict[str, str]) -> str:
    text = "".join(f"{file}\0{stamps[file]}\n" for file in sorted(stamps))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _first(left: list[tuple[str, str]]) -> str:
    return f" {len(left)} left out, the first {left[0][0]}: {left[0][1]}." if left else ""


def _listing(data_dir: Path) -> str:
    names = sorted(shown(path.name) for path in data_dir.iterdir())
    return "it is empty" if not names else "there is " + ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
