"""LiteRT's C interface: what a process may do with it, and what is said where it is missing or refuses."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tfkws.errors import BenchmarkError, RuntimeUnavailableError
from tfkws.tflite.profile import litert_library
from tfkws.tflite.profile.litert_library import CompiledModel

SCRIPT = """
import os, sys
from pathlib import Path
import numpy as np
from tfkws.errors import BenchmarkError
from tfkws.tflite.profile.litert_library import CompiledModel
model = CompiledModel(Path(sys.argv[1]), 1, "builtin")
try:
    model.set_input(np.zeros((1, 2), np.float32))
except BenchmarkError as error:
    print(error)
model.set_input(np.full(model.input_shape, -2, np.float32))
for runs in (3, 2):
    model.run()
    model.start_profiler()
    for _ in range(runs):
        model.run()
    model.stop_profiler()
model.run()
print(model.input_shape, [event.tag for event in model.events() if event.tag == "ABS"])
sys.stdout.flush()
os._exit(0)
"""


def test_events_are_those_between_the_last_start_and_stop(abs_file: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(abs_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    refused, told = done.stdout.splitlines()[-2:]
    assert refused.startswith("The input is ") and "Received float32 (1, 2)." in refused
    assert told == "(1,) ['ABS', 'ABS']"


def test_a_refused_call_is_named_with_its_status(monkeypatch: pytest.MonkeyPatch, abs_file: Path) -> None:
    library = SimpleNamespace(
        LiteRtCreateEnvironment=lambda *arguments: 0, LiteRtCreateModelFromFile=lambda *arguments: 500
    )
    monkeypatch.setattr(litert_library, "_load", lambda: library)
    with pytest.raises(BenchmarkError, match="LiteRT's LiteRtCreateModelFromFile failed with status 500"):
        CompiledModel(abs_file, 1, "xnnpack")


def test_an_old_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch, abs_file: Path) -> None:
    monkeypatch.setattr(litert_library, "_load", SimpleNamespace)
    with pytest.raises(RuntimeUnavailableError, match="has no LiteRtCreateEnvironment; install 2.1 or later"):
        CompiledModel(abs_file, 1, "xnnpack")


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch, abs_file: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailableError, match="libLiteRt.so is not installed: pip install"):
        CompiledModel(abs_file, 1, "xnnpack")
