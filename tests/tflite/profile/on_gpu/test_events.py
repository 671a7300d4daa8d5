"""The question whether an accelerator tells times of its own, with programs in the place of the process."""

import sys
from pathlib import Path

import pytest

from tfkws.errors import ProfileParseError
from tfkws.tflite.file.submodels import NULL_MODEL
from tfkws.tflite.profile.on_gpu import events
from tfkws.tflite.profile.on_gpu.events import kernels_of, operator_events


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


RUN = [("Invoke", 1, 0, 30), ("conv 1", 8, 0, 20), ("add 2", 8, 1, 4), ("SOFTMAX", 2, 1, 2)]


def event(tag: str, kind: int, node: int, elapsed_us: int, subgraph: int = 0) -> dict[str, object]:
    return {"tag": tag, "event_type": kind, "node": node, "elapsed_us": elapsed_us, "subgraph": subgraph}


def test_events_become_kernels_with_the_operators_that_they_name() -> None:
    events = [event(*each) for each in RUN * 4] + [event("of another subgraph", 8, 0, 9, subgraph=1)]
    found = [(each.kernel, each.operator, each.time_us) for each in kernels_of(events, numbers=(2, 5))]
    assert found == [("conv 1", None, 20.0), ("add 2", None, 4.0), ("SOFTMAX", 5, 2.0)]


def test_events_that_do_not_fit_together_are_one_sentence() -> None:
    events = [event(*each) for each in RUN + RUN[:-1]]
    with pytest.raises(ProfileParseError, match="Run 1 ran other kernels than the first"):
        kernels_of(events, (0, 1))
    with pytest.raises(ProfileParseError, match="An event of the accelerator lacks 'node'"):
        kernels_of([{"subgraph": 0, "tag": "conv", "event_type": 8}], (0, 1))


def test_a_refusal_is_told_with_its_reason(tmp_path: Path) -> None:
    found, told = ask(tmp_path, 'print(\'{"events": [], "why": "status 3"}\')')
    assert (found, told.endswith("gives no operator events (status 3).")) == ([], True)


@pytest.mark.usefixtures("software_gpu")
def test_litert_2_3_gives_none() -> None:
    found, told = operator_events(NULL_MODEL)
    assert found == [] and "failed with status 3" in told
