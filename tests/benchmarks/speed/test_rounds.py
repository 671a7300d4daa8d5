"""Rounds of fake children: turns, what is kept, who goes first, and children that fail."""

from collections.abc import Iterable
from typing import Any, cast

import pytest

from benchmarks.speed import rounds
from benchmarks.speed.children import Child, ChildFailedError, Message
from benchmarks.speed.processor_time import Moment
from benchmarks.speed.rounds import Plan, run_rounds


class FakeMachine:
    """A machine whose clock and processor time move as its children and other programs say.

    Args:
        foreign: processor seconds that other programs take during each turn, in order; then none.
    """

    def __init__(self, foreign: Iterable[float] = ()) -> None:
        self.at, self.busy, self.foreign, self.order = 0.0, 0.0, list(foreign), list[str]()

    def now(self) -> Moment:
        """Return the moment."""
        return Moment(self.at, self.busy)


class FakeChild:
    """Takes `seconds` of wall clock and of processor time a run, and `answers` turns at most."""

    def __init__(self, machine: FakeMachine, name: str, seconds: float, answers: int = 1_000) -> None:
        self.machine, self.name, self.seconds, self.answers = machine, name, seconds, answers

    def ask(self, message: Message, seconds: float) -> Message:
        """Run as often as asked."""
        if self.answers == 0:
            raise ChildFailedError("it ended with status 9")
        self.answers -= 1
        self.machine.order.append(self.name)
        span = self.seconds * message["runs"]
        self.machine.at += span
        self.machine.busy += span + (self.machine.foreign.pop(0) if self.machine.foreign else 0.0)
        return {"seconds": [self.seconds] * message["runs"], "cpu_seconds": span}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    """A machine of one core in place of this one."""
    made = FakeMachine()
    monkeypatch.setattr(Moment, "now", staticmethod(made.now))
    return made


def run(children: dict[str, FakeChild], **plan: Any) -> rounds.Rounds:
    """Run rounds of fake children on one core."""
    return run_rounds(cast(dict[str, Child], children), Plan(**plan), cores=1)


def test_each_takes_turns_of_about_the_same_length_and_another_begins_each_round(machine: FakeMachine) -> None:
    children = {name: FakeChild(machine, name, each) for name, each in (("a", 0.1), ("b", 0.02), ("c", 9.0))}
    found = run(children, rounds=3, turn=0.3)
    assert found.runs == {"a": 3, "b": 15, "c": 1}
    assert found.seconds == {"a": [0.1] * 3, "b": [0.02] * 3, "c": [9.0] * 3}
    assert "".join(machine.order) == "abc" + "abc" + "bca" + "cab"
    assert found.foreign == pytest.approx([0.0] * 3) and found.turns == 12


def test_a_noisy_turn_is_taken_again_and_the_quietest_counts(machine: FakeMachine) -> None:
    machine.foreign = [0.0, 0.3, 0.15, 0.03]  # of the first look, then of the turns: 100 %, 50 %, 10 %
    found = run({"a": FakeChild(machine, "a", 0.1)}, rounds=1, turn=0.3, quiet=0.05, tries=3)
    assert found.turns == 4
    assert found.foreign == pytest.approx([0.1])


def test_a_quiet_turn_is_not_repeated(machine: FakeMachine) -> None:
    machine.foreign = [0.0, 0.3]
    found = run({"a": FakeChild(machine, "a", 0.1)}, rounds=1, turn=0.3, quiet=0.05, tries=3)
    assert found.turns == 3 and found.foreign == pytest.approx([0.0])


def test_a_child_that_fails_is_left_out_and_named(machine: FakeMachine) -> None:
    children = {"a": FakeChild(machine, "a", 0.1), "b": FakeChild(machine, "b", 0.1, answers=2)}
    found = run(children, rounds=3)
    assert set(found.seconds) == {"a"} and found.failed == {"b": "it ended with status 9"}
    assert len(found.foreign) == 3


def test_without_children_nothing_is_measured(machine: FakeMachine) -> None:
    found = run({"a": FakeChild(machine, "a", 0.1, answers=0)})
    assert found.seconds == {} and found.foreign == [] and set(found.failed) == {"a"}


def test_the_record_is_rounded_to_four_digits(machine: FakeMachine) -> None:
    found = run({"a": FakeChild(machine, "a", 0.123456)}, rounds=2)
    assert found.to_dict()["seconds"] == {"a": [0.1235, 0.1235]}


def test_a_noisy_measurement_is_told(machine: FakeMachine) -> None:
    machine.foreign = [0.0, 0.3]
    plan = Plan(rounds=1, turn=0.3, tries=1)
    found = run_rounds(cast(dict[str, Child], {"a": FakeChild(machine, "a", 0.1)}), plan, cores=1)
    assert "up to 100 % of the cores" in rounds.noise_warning(found, plan)
    assert rounds.noise_warning(found, Plan(quiet=1.0)) == ""
