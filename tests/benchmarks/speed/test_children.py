"""Children over pipes: answers, exceptions, prints of their own, and ends."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.speed.children import Child, ChildFailedError, changed

FAKE = """
import sys, time
from benchmarks.speed.children import serve

def answer(message):
    print("a framework's banner")
    if message["do"] == "raise":
        raise ValueError("first line\\n\\nsecond line")
    if message["do"] == "sleep":
        time.sleep(60)
    if message["do"] == "die":
        import os
        os._exit(3)
    return {"doubled": 2 * message["value"]}

serve(lambda: answer)
"""


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    """A child that doubles, raises, sleeps or dies."""
    path = tmp_path / "fake.py"
    path.write_text(FAKE, encoding="utf-8")
    root = str(Path(__file__).parents[3])
    made = Child([sys.executable, str(path)], {"PYTHONPATH": root})
    yield made
    made.end()


def test_a_child_answers_whatever_it_prints(child: Child) -> None:
    assert [child.ask({"do": "double", "value": value}, 30)["doubled"] for value in (2, 3)] == [4, 6]


def test_an_exception_is_told_and_the_child_lives_on(child: Child) -> None:
    with pytest.raises(ChildFailedError, match="ValueError: first line second line"):
        child.ask({"do": "raise"}, 30)
    assert child.ask({"do": "double", "value": 1}, 30) == {"doubled": 2}


def test_a_child_that_dies_or_sleeps_is_told(child: Child) -> None:
    with pytest.raises(ChildFailedError, match="status 3"):
        child.ask({"do": "die"}, 30)
    with pytest.raises(ChildFailedError):
        child.ask({"do": "double", "value": 1}, 30)


def test_a_child_that_takes_too_long_is_ended(child: Child) -> None:
    child.ask({"do": "double", "value": 1}, 30)
    with pytest.raises(ChildFailedError, match="longer than 0.2 s"):
        child.ask({"do": "sleep"}, 0.2)


def test_an_import_that_fails_is_an_answer(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.speed.timed_child", "benchmarks.speed.no_such_module"]
    made = Child(command, {})
    with pytest.raises(ChildFailedError, match="no_such_module"):
        made.ask({"do": "prepare"}, 30)
    made.end()


def test_none_takes_a_variable_away() -> None:
    assert changed({"KEEP": "1", "GO": "2"}, {"GO": None, "NEW": "3"}) == {"KEEP": "1", "NEW": "3"}
