"""Files of other programs are told by name or content, with the way here; our own are not."""

from pathlib import Path

import pytest

from tfkws.model_files import foreign_model

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(24)
KINDS = [
    ("net.onnx", b"\x08\x07", "ONNX"),
    ("NET.ONNX", b"\x08\x07", "ONNX"),
    ("net.h5", b"", "old format of Keras"),
    ("weights.keras", HDF5, "old format of Keras"),
    ("frozen.pb", b"", "TensorFlow graph"),
    ("net.pt", b"PK\x03\x04", "PyTorch"),
    ("net.lite", b"\x1c\x00\x00\x00TFL3", "rename it so that its name ends in .tflite"),
    ("net.safetensors", b"", "weights without a network"),
]


@pytest.mark.parametrize(("name", "content", "word"), KINDS)
def test_a_model_of_another_program_is_named(name: str, content: bytes, word: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    sentence = foreign_model(path)
    assert sentence.startswith(f"{path} is ")
    assert word in sentence
    assert sentence.endswith(".") and "\n" not in sentence


def test_a_saved_model_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").touch()
    assert "SavedModel" in foreign_model(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.tflite", b"\x1c\x00\x00\x00TFL3"), ("a.keras", b"PK\x03\x04"), ("a.kws", b"PK\x03\x04"), ("a.txt", b"hello")],
)
def test_our_own_files_and_no_models_pass(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert foreign_model(tmp_path / name) == ""


def test_what_is_not_there_and_a_plain_folder_pass(tmp_path: Path) -> None:
    assert foreign_model(tmp_path / "nothing") == foreign_model(tmp_path) == ""
