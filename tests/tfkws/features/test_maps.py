"""Feature maps from a file, or one sentence."""

from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import BenchmarkError
from tfkws.features.maps import read_maps


def test_maps_are_read_as_they_are(tmp_path: Path) -> None:
    maps = np.random.default_rng(0).normal(size=(3, 4, 2, 1)).astype(np.float32)
    np.save(tmp_path / "maps.npy", maps)
    np.testing.assert_array_equal(read_maps(tmp_path / "maps.npy"), maps)


@pytest.mark.parametrize("content", [None, b"", b"text", b"\x93NUMPY\x01\x00"])
def test_anything_else_is_one_sentence(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "maps.npy").write_bytes(content)
    with pytest.raises(BenchmarkError, match="cannot be read"):
        read_maps(tmp_path / "maps.npy")


def test_a_pickled_object_is_never_read(tmp_path: Path) -> None:
    np.save(tmp_path / "maps.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(BenchmarkError, match="cannot be read"):
        read_maps(tmp_path / "maps.npy")
