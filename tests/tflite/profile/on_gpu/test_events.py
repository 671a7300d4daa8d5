"""The question whether an accelerator tells times of its own, with programs in the place of the process."""

import sys
from pathlib import Path

import pytest

from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.profile.on_gpu import events
from tfkws.tflite.profile.on_gpu.events import operator_events


def ask(tmp_path: Path, script: str) -> tuple[list[dict[str, object]], str]:
    program = tmp_path / "child.py"
    program.write_text(script)
    return operator_events(NULL_MODEL, child=(sys.executable, str(program)))


def test_events_of_a_later_version_are_kept(tmp_path: Path) -> None:
    event = {"tag": "conv", "event_type": 2, "node": 0, "elapsed_us": 12, "subgraph": 0}
    found, told = ask(tmp_path, f"import json; print(json.dumps({{'events': [{event!r}], 'why': ''}}))")
    assert found == [event]
    assert told.endswith("gives 1 operator events; they stand in the result file.")


@pytest.mark.parametrize(
    "script", ["import os; os.abort()", "print('noise')", "print('[1]')", "import time; time.sleep(9)"]
)
def test_a_process_that_does_not_answer_is_told(tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "SECONDS", 2.0)
    found, told = ask(tmp_path, script)
    assert (found, "gives no operator events (the process that asked" in told) == ([], True)


def test_a_refusal_is_told_with_its_reason(tmp_path: Path) -> None:
    found, told = ask(tmp_path, 'print(\'{"events": [], "why": "status 3"}\')')
    assert (found, told.endswith("gives no operator events (status 3).")) == ([], True)


@pytest.mark.usefixtures("software_gpu")
def test_litert_2_3_gives_none() -> None:
    found, told = operator_events(NULL_MODEL)
    assert found == [] and "failed with status 3" in told
