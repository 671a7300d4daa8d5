"""Clips are decoded once; a damaged, stale or interrupted set is never used."""

import hashlib
import os
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
    cache = decoded_set.cache_folder(folder)
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
    assert list(decoded_set.cache_folder(folder).iterdir()) == []


def test_stale_sets_are_removed(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    load_task(folder, COMMANDS)
    sorted((folder / "yes").iterdir())[0].unlink()
    load_task(folder, COMMANDS)
    assert len(list(decoded_set.cache_folder(folder).glob("*.i16"))) == 1


def test_read_only_folder_is_cached_elsewhere(
    make_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder()
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # tests may run as root
    load_task(folder, COMMANDS)
    assert list((tmp_path / "home" / ".cache" / "tfkws" / "decoded").rglob("*.i16"))


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
