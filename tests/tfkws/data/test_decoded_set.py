"""Clips are decoded once; a damaged, stale or interrupted set is never used."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.config import TaskConfig
from tfkws.data import decoded_set
from tfkws.data.clip_index import read_index
from tfkws.data.task_data import load_task

COMMANDS = TaskConfig(protocol="commands", words=("yes", "no"))


def test_second_load_reads_no_wav(make_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_folder()
    first = load_task(folder, COMMANDS)
    monkeypatch.setattr(decoded_set, "read_clip", lambda path: pytest.fail(f"{path} was read again"))
    second = load_task(folder, COMMANDS)
    assert first.manifest == second.manifest


@pytest.mark.parametrize("damage", ["shorter", "longer", "table", "no table"])
def test_damaged_cache_is_made_again(make_folder: Callable[..., Path], damage: str) -> None:
    folder = make_folder()
    expected = load_task(folder, COMMANDS).manifest.digest
    cache = folder / ".tfkws_cache"
    samples, table = next(cache.glob("*.i16")), next(cache.glob("*.json"))
    if damage == "shorter":
        samples.write_bytes(samples.read_bytes()[:-1])
    elif damage == "longer":
        samples.write_bytes(samples.read_bytes() + b"x")
    elif damage == "table":
        table.write_text('{"files": [')
    else:
        table.unlink()
    assert load_task(folder, COMMANDS).manifest.digest == expected
    assert samples.stat().st_size == 180 * 32_000


def test_interrupted_decoding_leaves_nothing(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_task(folder, COMMANDS, progress=interrupt)
    assert list((folder / ".tfkws_cache").iterdir()) == []


def test_stale_sets_are_removed(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    load_task(folder, COMMANDS)
    sorted((folder / "yes").iterdir())[0].unlink()
    load_task(folder, COMMANDS)
    assert len(list((folder / ".tfkws_cache").glob("*.i16"))) == 1


def closed(folder: Path) -> Path:
    """A place where nothing can be made, for root either: a file stands there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("")
    return folder


@pytest.fixture
def places(make_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A data folder and each place where its clips may be kept, in the order in which they are tried."""
    folder = make_folder(words=("yes", "no"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return {
        "inside": folder / ".tfkws_cache",
        "XDG_CACHE_HOME": tmp_path / "xdg",
        "HOME": tmp_path / "home/.cache",
        "TMPDIR": tmp_path / "tmp" / f"tfkws-{os.getuid()}",
    }


@pytest.mark.parametrize("usable", range(5))
def test_the_first_place_that_can_be_written_is_used_and_memory_at_last(places: dict[str, Path], usable: int) -> None:
    folder = places["inside"].parent
    expected = load_task(folder, COMMANDS).manifest.digest
    shutil.rmtree(places["inside"])
    for place in [*places.values()][:usable]:
        closed(place)
    data = load_task(folder, COMMANDS)
    assert data.manifest.digest == expected
    kept = [name for name, place in places.items() if place.is_dir() and [*place.rglob("*.i16")]]
    assert kept == [*places][usable : usable + 1]
    assert data.splits["training"].audio[:3].shape == (3, 16_000)
    assert (decoded_set.cache_folder(folder) is None) == (usable == 4)


def test_a_full_disk_is_no_error_and_leaves_nothing(places: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, value: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(decoded_set, "write_json", full)
    assert len(load_task(places["inside"].parent, COMMANDS).splits["training"]) > 0
    assert not [path for place in places.values() for path in place.rglob("*") if path.is_file()]


def test_a_temporary_folder_of_somebody_else_is_not_used(places: dict[str, Path]) -> None:
    for name in ("inside", "XDG_CACHE_HOME", "HOME"):
        closed(places[name])
    places["TMPDIR"].mkdir()
    places["TMPDIR"].chmod(0o777)
    load_task(places["inside"].parent, COMMANDS)
    assert [*places["TMPDIR"].iterdir()] == []


KILLED = """
import os, signal, sys
from pathlib import Path
from tfkws.data.clip_index import read_index
from tfkws.data import decoded_set
decoded_set._CHUNK_CLIPS = 50
decoded_set.open_decoded(read_index(Path(sys.argv[1])), lambda done, total: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_what_a_killed_decoding_left_is_removed_by_the_next(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    (left,) = (folder / ".tfkws_cache").iterdir()
    assert done.returncode == -signal.SIGKILL and left.name.startswith(".")
    load_task(folder, COMMANDS)
    assert sorted(path.suffix for path in (folder / ".tfkws_cache").iterdir()) == [".i16", ".json"]


def test_a_clip_replaced_at_equal_size_and_time_is_read_anew(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    before = load_task(folder, COMMANDS).manifest.digest
    one, other = sorted((folder / "yes").iterdir())[:2]
    times = one.stat()
    time.sleep(0.02)
    one.write_bytes(other.read_bytes())
    os.utime(one, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert one.stat().st_size == times.st_size
    assert load_task(folder, COMMANDS).manifest.digest != before


def test_a_folder_that_changes_while_it_is_decoded(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    index = read_index(folder)
    gone, moved = (folder / file for file in index.files[10:12])
    gone.unlink()
    moved.rename(moved.with_name("new_nohash_0.wav"))
    decoded = decoded_set.open_decoded(index)
    assert {file: reason.split(";")[0] for file, reason in decoded.skipped} == {
        file: f"{file} does not exist" for file in index.files[10:12]
    }
    assert len(load_task(folder, COMMANDS).manifest.skipped) == 0


def test_a_set_that_another_process_removes_is_decoded_again(
    make_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder()
    load_task(folder, COMMANDS)
    opened, calls = decoded_set._open, []

    def removed(samples: Path, table: Path) -> decoded_set.DecodedSet:
        calls.append(samples)
        if len(calls) == 1:
            samples.unlink()
        return opened(samples, table)

    monkeypatch.setattr(decoded_set, "_open", removed)
    assert len(load_task(folder, COMMANDS).splits["training"]) > 0 and len(calls) == 2


def test_rows_are_the_clips_with_their_hashes(make_folder: Callable[..., Path]) -> None:
    folder = make_folder(words=("yes",), speakers=3)
    broken, *good = sorted((folder / "yes").iterdir())
    broken.write_bytes(b"not a wav")
    steps: list[tuple[int, int]] = []
    decoded = decoded_set.open_decoded(read_index(folder), lambda done, total: steps.append((done, total)))
    expected = np.stack([soundfile.read(path, dtype="int16")[0] for path in good])
    np.testing.assert_array_equal(decoded.audio, expected)
    assert decoded.files == tuple(f"yes/{path.name}" for path in good)
    assert decoded.hashes == tuple(hashlib.sha256(clip.astype("<i2").tobytes()).hexdigest() for clip in expected)
    assert [file for file, _ in decoded.skipped] == [f"yes/{broken.name}"]
    assert str(folder) not in decoded.skipped[0][1]
    assert steps == [(3, 3)]
