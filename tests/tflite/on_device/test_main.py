"""Requests as a device gets them: a kind, JSON on stdin, JSON or one sentence back."""

import importlib
import io
import json
import platform
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfkws.errors import RuntimeUnavailableError
from tfkws.tflite.on_device import main as device
from tfkws.tflite.targets.device_archive import MODULES


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Make requests for facts fail with an error, and give all of them an empty stdin."""

    def fail(error: Exception) -> None:
        def report(request: dict[str, Any]) -> dict[str, Any]:
            raise error

        monkeypatch.setattr(device, "report_facts", report)

    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    return fail


def test_every_kind_is_answered_by_a_function_of_the_archive() -> None:
    for module, function in device.ANSWERED_BY.values():
        assert module in MODULES
        assert callable(getattr(importlib.import_module(module), function))


def test_facts_are_those_of_this_machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("{}"))
    assert device.main("facts") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["python"], found["architecture"]) == (platform.python_version(), platform.machine())
    assert found["packages"]["numpy"] == np.__version__


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RuntimeUnavailableError("Install it."), "Install it.\n"),
        (MemoryError(), "The memory does not suffice; use a smaller model.\n"),
        (
            ModuleNotFoundError("No module", name="numpy"),
            "numpy is not installed; run `pip install tfkws` there, which brings it.\n",
        ),
    ],
)
def test_what_can_be_expected_is_one_sentence(
    error: Exception, sentence: str, failing: Callable[[Exception], None], capsys: pytest.CaptureFixture[str]
) -> None:
    failing(error)
    assert device.main("facts") == 1
    assert capsys.readouterr() == ("", sentence)


def test_other_errors_are_not_hidden(failing: Callable[[Exception], None]) -> None:
    failing(ZeroDivisionError("a fault of the program"))
    with pytest.raises(ZeroDivisionError):
        device.main("facts")


def test_a_runtime_is_loaded_before_its_version_is_told() -> None:
    assert device.report_runtime({"runtime": "litert"})["runtime_version"][0].isdigit()
