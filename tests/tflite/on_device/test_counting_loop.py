"""Marks around runs, and answers, in this process with a recorder in place of the system call."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tfkws.tflite.on_device import counting_loop
from tfkws.tflite.on_device.counting_loop import MARK, answer_examples, count_instructions_of
from tfkws.tflite.runtime.runtimes import runtime_version
from tfkws.tflite.targets.emulated import setup


def test_marks_stand_around_every_run_of_every_model(
    abs_file: Path, int8_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[int, int]] = []
    library = SimpleNamespace(syscall=lambda number, mark: called.append((number, mark)))
    monkeypatch.setattr(counting_loop, "ctypes", SimpleNamespace(CDLL=lambda name: library))
    models = [str(abs_file), str(int8_file)]
    answer = count_instructions_of({"models": models, "runtime": "litert", "kernels": "xnnpack", "repeats": 2})
    assert {number for number, _ in called} == {0x6B7773}
    assert [mark for _, mark in called] == [0, 1, 2, 3, 2, 3, 4, 5, 6, 7, 6, 7]
    assert answer == {"runtime_version": runtime_version("litert")}


def test_answers_are_the_bytes_of_the_outputs(abs_file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([-2.5, 0.0, 7.0], np.float32))
    request = {"model": str(abs_file), "examples": str(tmp_path / "x.npy"), "runtime": "litert", "kernels": "builtin"}
    answer = answer_examples({**request, "threads": 1})
    outputs = np.array([2.5, 0.0, 7.0], "<f4")
    assert (answer["outputs"], answer["dtype"]) == (outputs.tobytes().hex(), "<f4")
    assert answer["shape"][0] == 3


def test_the_plugin_and_the_guest_agree_on_the_system_call() -> None:
    source = Path(setup.SOURCE).read_text()
    assert f"#define MARK 0x{MARK:x} " in source
