"""Arrays of strangers are read within bounds, and whatever is not such a file is a ValueError with a sentence."""

import doctest
import io
import zipfile

import numpy as np
import pytest

from tfkws import strict_arrays
from tfkws.strict_arrays import read_arrays

ARRAYS: dict[str, np.ndarray] = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(7, np.int64)}


def packed(**members: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return raw.getvalue()


def array_file(array: np.ndarray) -> bytes:
    raw = io.BytesIO()
    np.save(raw, array, allow_pickle=True)
    return raw.getvalue()


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_it_reads_what_numpy_writes(save: object) -> None:
    raw = io.BytesIO()
    save(raw, **ARRAYS)  # type: ignore[operator]
    for names in (None, ("a", "b"), ("b",)):
        read = read_arrays(raw.getvalue(), 1_000, names)
        assert list(read) == list(names or ARRAYS)
        assert all(np.array_equal(value, ARRAYS[name]) for name, value in read.items())
        assert all(value.dtype == ARRAYS[name].dtype for name, value in read.items())


def test_what_claims_more_than_it_holds_is_refused_before_memory_is_taken() -> None:
    giant = array_file(np.zeros((2, 3), np.float32)).replace(b"(2, 3), }        ", b"(200000, 3000), }")
    with pytest.raises(ValueError, match=r"a\.npy claims the shape \(200000, 3000\)"):
        read_arrays(packed(a=giant), 1_000)
    with pytest.raises(ValueError, match="claims 152 bytes"):
        read_arrays(packed(a=array_file(ARRAYS["a"])), 100)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read"),
        (packed(a=b""), "."),
        (packed(a=b"text"), "."),
        (packed(a=array_file(np.array([object()]))), "claims the shape"),
        (packed(b=array_file(ARRAYS["b"])), "no item named 'a.npy'"),
    ],
)
def test_what_is_no_such_file_is_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_arrays(content, 1_000, ("a",))


def test_examples_run() -> None:
    assert doctest.testmod(strict_arrays).failed == 0
