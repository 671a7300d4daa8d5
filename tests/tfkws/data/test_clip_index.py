"""An index names the clips of a folder without decoding one."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tfkws.data.clip_index import SYNTHETIC_MARKER, read_index
from tfkws.errors import DataError


def test_index_counts_words(make_folder: Callable[..., Path]) -> None:
    assert read_index(make_folder()).clips_per_word() == {"cat": 60, "no": 60, "yes": 60}


def write(path: Path, content: bytes = b"audio") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_only_words_and_marked_folders_hold_clips(tmp_path: Path) -> None:
    for name in ("yes/b.wav", "yes/a.wav", "no/c.FLAC", "no/readme.txt", "no/.d.wav", ".cache/e.wav", "_other_/f.wav"):
        write(tmp_path / name)
    write(tmp_path / "_background_noise_" / "hum.wav")
    write(tmp_path / "_room_impulse_responses_" / "hall.wav")
    index = read_index(tmp_path)
    assert index.files == ("no/c.FLAC", "yes/a.wav", "yes/b.wav")
    assert index.noises == ("_background_noise_/hum.wav",)
    assert index.responses == ("_room_impulse_responses_/hall.wav",)
    assert not index.is_test_set and not index.is_synthetic


def test_test_clips_and_synthetic_speech_are_marked_by_what_lies_there(tmp_path: Path) -> None:
    write(tmp_path / "_silence_" / "a.wav")
    write(tmp_path / SYNTHETIC_MARKER, b"{}")
    index = read_index(tmp_path)
    assert index.is_test_set and index.is_synthetic
    assert index.clips_per_word() == {"_silence_": 1}


@pytest.mark.parametrize("change", ["name", "size", "time", "another", "content"])
def test_key_changes_with_any_clip(tmp_path: Path, change: str) -> None:
    clip = tmp_path / "yes" / "a.wav"
    write(clip)
    write(tmp_path / "no" / "b.wav")
    before = read_index(tmp_path).key
    assert read_index(tmp_path).key == before
    time.sleep(0.02)  # a file system's clock has ticks
    if change == "name":
        clip.rename(clip.with_name("z.wav"))
    elif change == "size":
        times = clip.stat()
        clip.write_bytes(b"audio and more")
        os.utime(clip, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif change == "content":  # at equal size and time, as `cp --preserve` and `rsync` write it
        times = clip.stat()
        clip.write_bytes(b"other")
        os.utime(clip, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif change == "time":
        os.utime(clip, ns=(0, 1))
    else:
        write(tmp_path / "no" / "c.wav")
    assert read_index(tmp_path).key != before


def test_a_folder_without_clips_says_what_is_there(tmp_path: Path) -> None:
    write(tmp_path / "notes" / "readme.txt")
    with pytest.raises(DataError, match=r"no folder with clips \(there is notes\)"):
        read_index(tmp_path)
    with pytest.raises(DataError, match="no data folder"):
        read_index(tmp_path / "gone")


def test_words_are_compared_with_composed_accents(tmp_path: Path) -> None:
    for word in ("cafe\u0301", "caf\u00e9"):
        write(tmp_path / word / "a.wav")
    index = read_index(tmp_path)
    assert index.clips_per_word() == {"caf\u00e9": 2}
    assert [index.path(file).is_file() for file in index.files] == [True, True]


ASCII = """
import sys
from pathlib import Path
from tfkws.data.clip_index import read_index
from tfkws.data.audio.files import read_clip
from tfkws.config import TaskConfig
index = read_index(Path(sys.argv[1]))
assert sys.getfilesystemencoding() == "ascii", sys.getfilesystemencoding()
assert TaskConfig("wake-word", (sys.argv[2],)).words == ("gr\\u00fcn",)
print(ascii(index.files), len(read_clip(index.path(index.files[0]))), index.left_out)
"""


def test_an_umlaut_is_one_where_python_takes_names_for_ascii(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(words=("gr\u00fcn",), speakers=1, noises=False)
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-c", ASCII, str(folder), "gr\u00fcn"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    name = next(folder.glob("*/*.wav")).name
    assert done.stdout == f"('gr\\xfcn/{name}',) 16000 ()\n", done.stderr
