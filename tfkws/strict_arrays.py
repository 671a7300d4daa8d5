"""Arrays of strangers in .npz files, read within bounds: no pickles, and no array beyond its stated size."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

# What zipfile and its decompressors raise on damaged archives; a RuntimeError says that a member is encrypted.
ZIP_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError, EOFError,
    OverflowError, MemoryError,
)  # fmt: skip


def read_arrays(
    file: Path | bytes, most_bytes: int, names: Iterable[str] | None = None
) -> dict[str, "np.ndarray[Any, np.dtype[Any]]"]:
    """Read the arrays of an .npz file by name.

    Args:
        file: the file, or its content.
        most_bytes: of one array.
        names: those to read; all where None.

    Raises:
        ValueError: one is missing, damaged, holds objects, or claims more than the file holds.

    Example:
        >>> read_arrays(b"PK", 100)
        Traceback (most recent call last):
        ...
        ValueError: arrays cannot be read: File is not a zip file
    """
    try:
        with zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file) as archive:
            found = [name.removesuffix(".npy") for name in archive.namelist()] if names is None else names
            return {name: _read_array(archive, f"{name}.npy", most_bytes) for name in found}
    except (*ZIP_DAMAGE, KeyError, OSError, TypeError, SyntaxError, TokenError) as error:
        raise ValueError(f"arrays cannot be read: {error}") from error


def _read_array(archive: zipfile.ZipFile, name: str, most_bytes: int) -> np.ndarray:
    info = archive.getinfo(name)
    if info.file_size > most_bytes:
        raise ValueError(f"{name} claims {info.file_size} bytes")
    file = io.BytesIO(archive.read(info))
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"{name} has an unknown format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    _check_size(name, shape, dtype, info.file_size)
    file.seek(0)
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))


def _check_size(name: str, shape: tuple[int, ...], dtype: "np.dtype[Any]", file_size: int) -> None:
    if dtype.hasobject or float(np.prod(shape, dtype=float)) * dtype.itemsize > file_size:
        raise ValueError(f"{name} claims the shape {shape}")
