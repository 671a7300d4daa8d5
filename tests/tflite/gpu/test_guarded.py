"""The child process of a GPU, with programs in its place that crash, hang, stop in the middle and lose the device."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.errors import BenchmarkError, RuntimeUnavailableError, TfkwsError
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.gpu.guarded import Interpreter

NUMBER = {"index": 0, "name": "x", "shape": [2], "dtype": "<f4", "quantization": [0.0, 0]}
HEAD = {"inputs": [NUMBER], "outputs": [{**NUMBER, "index": 1}], "facts": {"precision": "float32"}}
PRELUDE = """
import json, os, signal, struct, sys, time
length, = struct.unpack("<Q", sys.stdin.buffer.read(8))
sys.stdin.buffer.read(length)
def send(head):
    packed = json.dumps(head).encode()
    sys.stdout.buffer.write(struct.pack("<Q", len(packed)) + packed)
    sys.stdout.buffer.flush()
"""
Start = Callable[..., Interpreter]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start an interpreter whose child is a script."""

    def start(script: str, **limits: float) -> Interpreter:
        program = tmp_path / "child.py"
        program.write_text(f"{PRELUDE}\nHEAD = json.loads({json.dumps(HEAD)!r})\n{script}")
        return Interpreter(NULL_MODEL, child=(sys.executable, str(program)), **limits)  # type: ignore[arg-type]

    return start


def test_answers_come_back_in_their_own_form(start: Start) -> None:
    double = "send(HEAD)\nimport struct\na, b = struct.unpack('<2f', sys.stdin.buffer.read(8))\n"
    made = start(
        double + "sys.stdout.buffer.write(struct.pack('<2f', 2 * a, 2 * b)); sys.stdout.flush()\ntime.sleep(9)"
    )
    made.set_tensor(0, np.array([1, -3], np.float32))
    made.invoke()
    assert made.get_tensor(1).tolist() == [2, -6]
    assert made.facts() == {"precision": "float32"}
    with pytest.raises(ValueError, match=r"takes float32 \(2,\). Received int8"):
        made.set_tensor(0, np.zeros(2, np.int8))


def test_the_childs_own_sentence_keeps_its_class(start: Start) -> None:
    with pytest.raises(RuntimeUnavailableError, match=r"^No GPU can be used\.$"):
        start("send({'error': 'RuntimeUnavailableError', 'message': 'No GPU can be used.'})")
    with pytest.raises(BenchmarkError, match="^Strange$"):
        start("send({'error': 'os', 'message': 'Strange'})")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "os.kill(os.getpid(), signal.SIGABRT)",
            r"crashed \(SIGABRT\); install a newer driver .* or use --runtime litert",
        ),
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"crashed \(SIGSEGV\)"),
        ("sys.exit(7)", "ended with 7; install a newer driver"),
        ("time.sleep(60)", "did not answer within 1 s, so its process was ended; install a newer driver"),
    ],
)
def test_a_library_that_aborts_or_hangs_while_loading_is_one_sentence(start: Start, script: str, sentence: str) -> None:
    with pytest.raises(BenchmarkError, match=sentence):
        start(script, load_seconds=1)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            "print('Device was lost before MapAsync completed.', file=sys.stderr); sys.exit(1)",
            "the device was lost; let",
        ),
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"crashed \(SIGSEGV\)"),
        ("time.sleep(60)", "did not answer within 1 s"),
        ("sys.stdout.buffer.write(b'half'); sys.stdout.flush(); sys.exit(3)", "ended with 3"),
    ],
)
def test_a_device_that_fails_in_the_middle_is_one_sentence(start: Start, script: str, sentence: str) -> None:
    made = start(f"send(HEAD)\nsys.stdin.buffer.read(8)\n{script}", run_seconds=1)
    with pytest.raises(BenchmarkError, match=sentence):
        made.invoke()
    with pytest.raises(TfkwsError):
        made.invoke()  # and stays one


def test_the_process_ends_with_its_interpreter(start: Start, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    made: Any = start(f"send(HEAD)\nsys.stdin.buffer.read()\nopen({str(ended)!r}, 'w')")
    del made
    assert ended.exists()
