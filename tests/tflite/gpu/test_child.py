"""The protocol of the child process, with an interpreter that doubles in the place of a GPU's, and for real."""

import io
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.gpu.child import LENGTH, serve, size_of
from tfkws.tflite.gpu.guarded import CHILD


class Doubling:
    """Two inputs; the outputs are their doubles, in other types."""

    def __init__(self) -> None:
        self.values: dict[int, np.ndarray] = {}
        self.runs = 0

    def get_input_details(self) -> list[dict[str, Any]]:
        return [{"index": 7, "shape": (2,), "dtype": np.float32}, {"index": 3, "shape": (1, 3), "dtype": np.int8}]

    def get_output_details(self) -> list[dict[str, Any]]:
        return [{"index": 9, "shape": (1, 3), "dtype": np.int8}, {"index": 8, "shape": (2,), "dtype": np.float32}]

    def set_tensor(self, index: int, values: np.ndarray) -> None:
        self.values[index] = values

    def invoke(self) -> None:
        self.runs += 1

    def get_tensor(self, index: int) -> np.ndarray:
        return 2 * self.values[3 if index == 9 else 7]


def test_each_set_of_inputs_is_answered_in_the_order_of_the_file() -> None:
    floats, bytes_ = np.array([1.5, -2], np.float32), np.array([[1, -2, 3]], np.int8)
    asked = floats.tobytes() + bytes_.tobytes()
    answers, interpreter = io.BytesIO(), Doubling()
    serve(interpreter, io.BytesIO(2 * asked + asked[:5]), answers)  # and the last set breaks off
    assert interpreter.runs == 2
    assert answers.getvalue() == 2 * ((2 * bytes_).tobytes() + (2 * floats).tobytes())


def test_sizes_are_in_bytes() -> None:
    assert [size_of(each) for each in Doubling().get_input_details()] == [8, 3]
    assert size_of({"shape": (), "dtype": np.float64}) == 8


def ask(sent: bytes, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([*CHILD, "float32"], input=sent, capture_output=True, check=False)


def head_of(answers: bytes) -> tuple[dict[str, Any], bytes]:
    (length,) = LENGTH.unpack(answers[: LENGTH.size])
    return json.loads(answers[LENGTH.size : LENGTH.size + length]), answers[LENGTH.size + length :]


@pytest.mark.usefixtures("software_gpu")
def test_a_real_file_is_described_and_run() -> None:
    number = np.array([-2.5], np.float32)
    done = ask(LENGTH.pack(len(NULL_MODEL)) + NULL_MODEL + number.tobytes())
    head, answer = head_of(done.stdout)
    assert done.returncode == 0 and np.frombuffer(answer, np.float32).tolist() == [2.5]
    assert head["inputs"][0]["dtype"] == "<f4" and head["inputs"][0]["shape"] == [1]
    assert head["facts"]["adapter"]["software"]


def test_without_an_adapter_the_head_is_the_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES"):
        monkeypatch.setenv(name, str(tmp_path / "none.json"))
    done = ask(LENGTH.pack(len(NULL_MODEL)) + NULL_MODEL)
    head, rest = head_of(done.stdout)
    assert done.returncode == 1 and not rest
    assert head["error"] == "RuntimeUnavailableError" and head["message"].startswith("No GPU can be used: ")
    assert sys.executable == CHILD[0]
