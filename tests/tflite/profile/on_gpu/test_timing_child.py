"""Rounds of the timing process: in turns, every second backwards, and within their seconds."""

from typing import Any

import pytest

from tfkws.tflite.profile.on_gpu import timing_child


class FakeInterpreter:
    """Writes down each run by the first byte of its file."""

    runs: list[str] = []

    def __init__(self, content: bytes, precision: str, threads: int, waits: bool) -> None:
        assert waits  # or the time would be that of handing the work over
        self._name, self._precision = content.decode(), precision

    def get_input_details(self) -> list[Any]:
        return []

    def invoke(self) -> None:
        self.runs.append(self._name)

    def facts(self) -> dict[str, Any]:
        return {"adapter": {"name": "none"}, "precision": self._precision}


@pytest.fixture
def request_(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Two files, three rounds of blocks of two."""
    monkeypatch.setattr(timing_child, "Interpreter", FakeInterpreter)
    monkeypatch.setattr(FakeInterpreter, "runs", [])
    for name in "ab":
        (tmp_path / name).write_text(name)
    models = [str(tmp_path / name) for name in "ab"]
    return {"models": models, "precision": "half", "threads": 1, "rounds": 3, "block": 2, "seconds": 60.0}


def test_every_second_round_goes_backwards_and_each_block_warms_up(request_: dict[str, Any]) -> None:
    told: list[str] = []
    found = timing_child.time_files(request_, told.append)
    assert "".join(FakeInterpreter.runs) == "ab" + "aaabbb" + "bbbaaa" + "aaabbb"
    assert (len(found["rounds_us"]), len(found["rounds_us"][0])) == (3, 2)
    assert (told, found["refused"], found["facts"]["precision"]) == (["0", "1", "time"], {}, "half")


def test_no_round_begins_behind_its_seconds_but_there_are_five(request_: dict[str, Any]) -> None:
    found = timing_child.time_files({**request_, "rounds": 50, "seconds": 0.0})
    assert len(found["rounds_us"]) == 5
