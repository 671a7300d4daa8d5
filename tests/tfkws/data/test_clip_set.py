"""Rows of a mapped array, indexed as an array."""

from typing import Any

import numpy as np
import pytest

from tfkws.data.clip_set import AudioRows, ClipSet


def test_rows_of_a_mapped_array_index_as_the_array() -> None:
    disk, more = np.arange(60, dtype=np.int16).reshape(6, 10), np.arange(100, 120, dtype=np.int16).reshape(2, 10)
    rows = AudioRows(disk, np.array([4, 1, 1]), more)
    whole = np.concatenate([disk[[4, 1, 1]], more])
    np.testing.assert_array_equal(np.asarray(rows), whole)
    keys = [0, -1, slice(1, 4), slice(None, None, -1), np.array([3, 0, 3]), [2, 4], whole[:, 0] > 40]
    for key in [*keys, (slice(0, 2), slice(3, 5)), (np.array([4, 0]), 2), (1, 3)]:
        np.testing.assert_array_equal(rows[key], whole[key])
    assert rows.shape == whole.shape and len(rows) == 5
    with pytest.raises(IndexError):
        rows[5]


def test_picked_rows_are_a_copy_and_only_they_are_read() -> None:
    read: list[list[int]] = []

    class Mapped(np.ndarray):
        def __getitem__(self, key: Any) -> Any:
            read.append(np.asarray(key).tolist())
            return super().__getitem__(key)

    disk = np.arange(60, dtype=np.int16).reshape(6, 10).view(Mapped)
    rows = AudioRows(disk, np.array([5, 3, 1]), np.zeros((1, 10), np.int16))
    rows[1:3][:] = -1
    assert read == [[3, 1]]
    assert np.asarray(disk).min() == 0


def test_length_of_a_set_is_its_number_of_clips() -> None:
    rows = AudioRows(np.zeros((2, 4), np.int16), np.array([0, 1, 1]), np.zeros((0, 4), np.int16))
    names = ("a/1.wav", "a/2.wav", "b/1.wav")
    assert len(ClipSet(rows, np.zeros(3, np.int64), names, names)) == len(rows) == 3
