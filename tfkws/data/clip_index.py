"""What lies in a data folder: one folder of clips a word, as in the Speech Commands archives.

Folders whose name begins with `.` or `_` are no words; `_silence_` and `_unknown_` mark a folder of test clips, as
in the 12-class test archive (4,890 clips).
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from tfkws.config import BACKGROUND_NOISE, SILENCE, UNKNOWN
from tfkws.data.audio.decoder import SUFFIXES
from tfkws.errors import DataError

ROOM_RESPONSES = "_room_impulse_responses_"
SYNTHETIC_MARKER = "SYNTHETIC_SPEECH.json"

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
        key: changes with the name, size or time of any clip.
    """

    data_dir: Path
    files: tuple[str, ...]
    noises: tuple[str, ...]
    responses: tuple[str, ...]
    is_test_set: bool
    is_synthetic: bool
    key: str

    def clips_per_word(self) -> dict[str, int]:
        """Count the clips of each word folder, most first; equal counts by name."""
        counts: dict[str, int] = {}
        for file in self.files:
            word = word_of(file)
            counts[word] = counts.get(word, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def word_of(file: str) -> str:
    """Return the folder of a clip.

    >>> word_of("happy/012c8314_nohash_0.wav")
    'happy'
    """
    return file.split("/", 1)[0]


def read_index(data_dir: Path) -> ClipIndex:
    """List the clips of `data_dir`.

    Raises:
        DataError: the folder does not exist or holds no folder with clips.
    """
    if not data_dir.is_dir():
        raise DataError(
            f"There is no data folder {data_dir}; make one with `tfkws data download` or `tfkws data synthesize`."
        )
    stamps, files = hashlib.sha256(), []
    for name in sorted(entry.name for entry in os.scandir(data_dir) if entry.is_dir()):
        if name in _CLASS_FOLDERS or not name.startswith((".", "_")):
            for file, stamp in _audio_files(data_dir, name):
                files.append(file)
                stamps.update(stamp)
    if not files:
        raise DataError(
            f"{data_dir} holds no folder with clips ({_listing(data_dir)}); it must hold one folder of "
            "WAV clips a word."
        )
    noises, responses = ([f for f, _ in _audio_files(data_dir, name)] for name in _SOUND_FOLDERS)
    return ClipIndex(
        data_dir=data_dir,
        files=tuple(files),
        noises=tuple(noises),
        responses=tuple(responses),
        is_test_set=any(word_of(file) in _CLASS_FOLDERS for file in files),
        is_synthetic=(data_dir / SYNTHETIC_MARKER).is_file(),
        key=stamps.hexdigest()[:16],
    )


def _audio_files(data_dir: Path, folder: str) -> list[tuple[str, bytes]]:
    """Return the audio files of one folder, sorted, each with what changes when its content does."""
    if not (data_dir / folder).is_dir():
        return []
    found = []
    for entry in os.scandir(data_dir / folder):
        if not entry.name.startswith(".") and os.path.splitext(entry.name)[1].lower() in SUFFIXES and entry.is_file():
            status, file = entry.stat(), f"{folder}/{entry.name}"
            found.append((file, f"{file}\0{status.st_size}\0{status.st_mtime_ns}\n".encode()))
    return sorted(found)


def _listing(data_dir: Path) -> str:
    names = sorted(entry.name for entry in os.scandir(data_dir))
    return "it is empty" if not names else "there is " + ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
