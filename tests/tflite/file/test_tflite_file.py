"""A file is parsed once, edits leave the original alone, and equal edits give equal bytes."""

import doctest
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import TfliteFileError
from tfkws.tflite.convert import parity_gate
from tfkws.tflite.file import tflite_file as module
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file, transformed

Converted = Callable[[str], TfliteFile]


def test_what_was_read_is_kept_and_equality_is_that_of_bytes(converted: Converted, int8_file: Path) -> None:
    file = converted("int8")
    assert file.graph is file.graph and file.contents is file.contents
    assert TfliteFile.read(int8_file) == file == tflite_file(file.content)
    assert TfliteFile.read(int8_file).name == str(int8_file)
    assert tflite_file(file) is file


def test_messages_name_the_path(tmp_path: Path) -> None:
    path = tmp_path / "broken.tflite"
    path.write_bytes(b"no model")
    with pytest.raises(TfliteFileError, match="broken.tflite is not a .tflite file"):
        _ = TfliteFile.read(path).graph
    with pytest.raises(TfliteFileError, match="absent.tflite does not exist"):
        TfliteFile.read(tmp_path / "absent.tflite")


def test_a_replaced_constant_is_read_back_and_the_original_stays(converted: Converted) -> None:
    file = converted("none")
    before = file.edit().constant(0, 1)
    editor = file.edit()
    editor.replace_constant(0, 1, 2 * before)
    changed = editor.pack()
    np.testing.assert_array_equal(changed.edit().constant(0, 1), 2 * before)
    np.testing.assert_array_equal(file.edit().constant(0, 1), before)
    again = file.edit()
    again.replace_constant(0, 1, 2 * before)
    assert again.pack() == changed != file


def test_transformations_are_applied_in_order(converted: Converted) -> None:
    first = converted("none")
    seen: list[TfliteFile] = []

    def note(file: TfliteFile) -> TfliteFile:
        seen.append(file)
        return converted("int8")

    assert transformed(first, (note, note)) is converted("int8")
    assert seen == [first, converted("int8")]


def test_examples_run() -> None:
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(parity_gate) == doctest.TestResults(failed=0, attempted=4)
