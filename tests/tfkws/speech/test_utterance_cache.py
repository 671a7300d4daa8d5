"""Utterances on disk are whole, or as if they were not there."""

from pathlib import Path

import numpy as np
import pytest
from fake_voices import ToneEngine, install_engine

from tfkws.speech.requests import Request
from tfkws.speech.utterance_cache import read_group, write_group
from tfkws.speech.voice import Voice

GROUP = [Request("hey", Voice("tones", "one"), take=take) for take in range(2)]
PARTS = [(np.arange(5, dtype=np.int16), 1, 4), (np.arange(3, dtype=np.int16), 0, 3)]


@pytest.fixture(autouse=True)
def _tones(monkeypatch: pytest.MonkeyPatch) -> None:
    install_engine(monkeypatch, ToneEngine("tones", ["one"]))


def kept(folder: Path) -> Path:
    (path,) = folder.rglob("*.npz")
    return path


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    assert read_group(tmp_path, GROUP) is None
    write_group(tmp_path, GROUP, PARTS)
    found = read_group(tmp_path, GROUP)
    assert found is not None
    for (samples, start, end), (read, first, last) in zip(PARTS, found, strict=True):
        np.testing.assert_array_equal(samples, read)
        assert (start, end) == (first, last)
    assert read_group(tmp_path, GROUP[:1]) is None


def test_a_damaged_file_counts_as_missing(tmp_path: Path) -> None:
    write_group(tmp_path, GROUP, PARTS)
    whole = kept(tmp_path).read_bytes()
    for length in range(0, len(whole), 37):
        kept(tmp_path).write_bytes(whole[:length])
        assert read_group(tmp_path, GROUP) is None


@pytest.mark.parametrize(
    "spans",
    [
        [[0, 1, 4, 5], [5, 0, 3, 9]],
        [[0, 4, 1, 5], [5, 0, 3, 8]],
        [[0, 1, 4, 5], [5, 0, 4, 8]],
        [[-1, 1, 4, 5], [5, 0, 3, 8]],
        [[0, 1, 4, 5]],
    ],
)
def test_spans_outside_the_samples_are_refused(tmp_path: Path, spans: list[list[int]]) -> None:
    write_group(tmp_path, GROUP, PARTS)
    np.savez(kept(tmp_path), samples=np.zeros(8, np.int16), spans=np.array(spans, np.int64))
    assert read_group(tmp_path, GROUP) is None


def test_objects_are_never_loaded(tmp_path: Path) -> None:
    write_group(tmp_path, GROUP, PARTS)
    np.savez(kept(tmp_path), samples=np.array([print], object), spans=np.zeros((2, 4), np.int64))
    assert read_group(tmp_path, GROUP) is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    write_group(tmp_path / "file", GROUP, PARTS)
    assert read_group(tmp_path / "file", GROUP) is None
