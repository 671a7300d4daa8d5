"""Arrays on disk are whole or absent, whoever is killed, and never more than the limit."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tfkws.data.kept_maps import store
from tfkws.data.kept_maps.store import ArrayStore

SHAPE = (4, 8)
FILE_BYTES = 4 * 32 + 8
LIMIT = 1 << 20


def values(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=SHAPE).astype(np.float32)


def never() -> np.ndarray:
    pytest.fail("it was made again")


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_said", set())


def test_made_once_and_read_bit_for_bit(tmp_path: Path) -> None:
    made = ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, lambda: values(1))
    read = ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, never)
    assert made.tobytes() == read.tobytes() == values(1).tobytes()
    assert os.listdir(tmp_path / "a") == ["x.f32"]


@pytest.mark.parametrize("shape", [(3,), (1, 1), (5, 7)])
def test_an_odd_number_of_values_is_kept(tmp_path: Path, shape: tuple[int, ...]) -> None:
    made = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    for make in (lambda: made, never):
        assert ArrayStore(tmp_path / "a", LIMIT).array("x", shape, make).tobytes() == made.tobytes()


def test_changes_to_what_is_read_stay_in_memory(tmp_path: Path) -> None:
    kept = ArrayStore(tmp_path / "a", LIMIT)
    kept.array("x", SHAPE, lambda: values(1))
    kept.array("x", SHAPE, never)[:] = 7
    np.testing.assert_array_equal(kept.array("x", SHAPE, never), values(1))


@pytest.mark.parametrize("damage", ["shorter", "longer", "empty", "one bit", "checksum", "zeros"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: str) -> None:
    kept = ArrayStore(tmp_path / "a", LIMIT)
    kept.array("x", SHAPE, lambda: values(1))
    file = tmp_path / "a" / "x.f32"
    whole = file.read_bytes()
    flipped = bytes([whole[50] ^ 4])
    file.write_bytes(
        {
            "shorter": whole[:-1],
            "longer": whole + b"x",
            "empty": b"",
            "one bit": whole[:50] + flipped + whole[51:],
            "zeros": bytes(len(whole)),
            "checksum": whole[:-1] + bytes([whole[-1] ^ 1]),
        }[damage]
    )
    np.testing.assert_array_equal(kept.array("x", SHAPE, lambda: values(1)), values(1))
    assert file.read_bytes() == whole


def test_what_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    kept = ArrayStore(tmp_path / "a", LIMIT)
    with pytest.raises(OSError, match="the maker's own"):
        kept.array("x", SHAPE, lambda: (_ for _ in ()).throw(OSError("the maker's own")))
    assert os.listdir(tmp_path / "a") == []
    kept.array("x", SHAPE, lambda: values(1))


def test_a_full_disk_costs_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(path: Path, array: np.ndarray) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_write", full)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            kept = ArrayStore(tmp_path / "a", LIMIT)
            for number in range(3):
                np.testing.assert_array_equal(kept.array(f"{number}", SHAPE, lambda: values(2)), values(2))
    assert [record.getMessage() for record in caplog.records] == [
        f"Feature maps cannot be kept in {tmp_path} (No space left on device). They are computed in every training."
    ]
    assert os.listdir(tmp_path / "a") == []


def test_the_last_of_the_disk_is_left_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store, "_free_bytes", lambda folder: 1 << 29)
    ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, lambda: values(1))
    assert os.listdir(tmp_path / "a") == [] and "nearly full" in caplog.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written_is_still_read(tmp_path: Path) -> None:
    ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, lambda: values(1))
    (tmp_path / "a").chmod(0o500)
    kept = ArrayStore(tmp_path / "a", LIMIT)
    kept.array("x", SHAPE, never)
    np.testing.assert_array_equal(kept.array("y", SHAPE, lambda: values(2)), values(2))


def test_claiming_fails_as_on_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store, "partial_file", refuse)
    kept = ArrayStore(tmp_path / "a", LIMIT)
    np.testing.assert_array_equal(kept.array("x", SHAPE, lambda: values(2)), values(2))
    assert os.listdir(tmp_path / "a") == []


def test_one_set_stops_at_the_limit_and_says_how_to_raise_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = ArrayStore(tmp_path / "a", 3 * FILE_BYTES, "ask for more")
    for number in range(5):
        np.testing.assert_array_equal(kept.array(f"{number}", SHAPE, lambda: values(3)), values(3))
    assert sorted(os.listdir(tmp_path / "a")) == ["0.f32", "1.f32", "2.f32"]
    assert len(caplog.records) == 1 and "ask for more. The rest is computed" in caplog.text
    kept.array("1", SHAPE, never)


def test_the_set_unused_for_longest_makes_room(tmp_path: Path) -> None:
    for name, age in (("old", 30), ("older", 60), ("new", 10)):
        ArrayStore(tmp_path / name, LIMIT).array("x", SHAPE, lambda: values(1))
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    ArrayStore(tmp_path / "mine", 3 * FILE_BYTES).array("x", SHAPE, lambda: values(1))
    assert sorted(os.listdir(tmp_path)) == ["mine", "new", "old"]


def test_a_set_in_use_is_not_removed(tmp_path: Path) -> None:
    used = ArrayStore(tmp_path / "used", LIMIT)
    used.array("x", SHAPE, lambda: values(1))
    ArrayStore(tmp_path / "mine", FILE_BYTES).array("x", SHAPE, lambda: values(2))
    assert (tmp_path / "used" / "x.f32").exists() and not (tmp_path / "mine" / "x.f32").exists()
    del used
    ArrayStore(tmp_path / "mine", FILE_BYTES).array("x", SHAPE, lambda: values(2))
    assert not (tmp_path / "used").exists() and (tmp_path / "mine" / "x.f32").exists()


def test_what_is_mapped_outlives_its_set(tmp_path: Path) -> None:
    mapped = [ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, lambda: values(1)) for _ in range(2)][1]
    ArrayStore(tmp_path / "b", FILE_BYTES).array("x", SHAPE, lambda: values(2))
    assert not (tmp_path / "a").exists()
    np.testing.assert_array_equal(mapped, values(1))


def test_another_that_makes_the_same_is_waited_for(tmp_path: Path) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def slow() -> np.ndarray:
        begun.set()
        let_go.wait(5)
        return values(1)

    first = threading.Thread(target=lambda: ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, slow))
    first.start()
    begun.wait(5)
    threading.Timer(0.05, let_go.set).start()
    np.testing.assert_array_equal(ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, never), values(1))
    first.join()


def test_one_that_takes_too_long_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PATIENCE_S", 0.05)

    def slow() -> np.ndarray:
        found = ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, lambda: values(1))
        np.testing.assert_array_equal(found, values(1))
        return values(1)

    ArrayStore(tmp_path / "a", LIMIT).array("x", SHAPE, slow)
    assert os.listdir(tmp_path / "a") == ["x.f32"]


WRITER = """
import sys, time
from pathlib import Path
import numpy as np
from tfkws.data.kept_maps import store
write = store._write
def half(path, array):
    path.write_bytes(b"half of it")
    print("writing", flush=True)
    time.sleep(60)
store._write = half
store.ArrayStore(Path(sys.argv[1]), 1 << 20).array("x", (4, 8), lambda: np.zeros((4, 8), np.float32))
"""


def test_a_killed_writer_leaves_nothing_that_is_read_or_stays(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == b"writing\n"
        writer.send_signal(signal.SIGKILL)
    assert len(os.listdir(folder)) == 1 and not (folder / "x.f32").exists()
    kept = ArrayStore(folder, LIMIT)
    np.testing.assert_array_equal(kept.array("x", SHAPE, lambda: values(1)), values(1))
    assert os.listdir(folder) == ["x.f32"]


def test_many_threads_and_stores_agree(tmp_path: Path) -> None:
    def work(factor: int) -> None:
        kept = ArrayStore(tmp_path / "a", LIMIT)
        for step in range(20):
            number = step * factor % 20
            found = kept.array(f"{number}", SHAPE, lambda seed=number: values(seed))  # type: ignore[misc]
            np.testing.assert_array_equal(found, values(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, (1, 3, 7, 1)))
    assert len(os.listdir(tmp_path / "a")) == 20
