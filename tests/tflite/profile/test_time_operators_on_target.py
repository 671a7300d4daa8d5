"""Operators timed on a target: known times behind a session that answers, and what it refuses."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tfkws.config import OperatorSettings
from tfkws.errors import BenchmarkError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.time_operators import CHAIN, COPIES
from tfkws.tflite.profile.time_operators_on_target import (
    MANY,
    ONE,
    WHOLE,
    operator_files,
    time_files,
    time_operators_on,
)
from tfkws.tflite.targets.session import RawRun

CALL_NS, STEP_NS = 2_000, 1_000
EXTRA_NS = 500  # what the call of a cut-out model costs beyond that of a chain; copies get rid of it
Own = dict[int, int]  # operator to its own time in ns


class Board:
    """Takes what the call of a model, and each operator that stands in it, are said to take."""

    target = "ssh://pi@board"

    def __init__(self, own_ns: Own, refused: Sequence[str] = ()) -> None:
        self.own_ns, self.refused = own_ns, refused
        self.pushed: dict[str, bytes] = {}
        self.asked: list[dict[str, Any]] = []

    def push(self, name: str, content: bytes, executable: bool = False) -> None:
        self.pushed[name] = content

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = 0) -> RawRun:
        asked = json.loads(stdin)
        self.asked.append(asked)
        assert set(asked["models"]) <= set(self.pushed)
        refused = ["no kernel" if name in self.refused else "" for name in asked["models"]]
        samples = [[] if name in self.refused else [self.time_ns(name)] * 3 for name in asked["models"]]
        answer = {"samples_ns": samples, "refused": refused, "runtime_version": "2.3.0"}
        return RawRun(json.dumps(answer), "", 0, 0.1)

    def time_ns(self, name: str) -> int:
        fixed = {WHOLE: sum(self.own_ns.values()), ONE: STEP_NS, MANY: CHAIN * STEP_NS}
        if name in fixed:
            return CALL_NS + fixed[name]
        index, copies = name.removeprefix("operator").removesuffix(".tflite").split("x")
        return CALL_NS + EXTRA_NS + int(copies) * self.own_ns[int(index)]

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def file(converted: Callable[[str], TfliteFile]) -> TfliteFile:
    return converted("int8")


def own_times(file: TfliteFile) -> Own:
    """2, 3, 4 ... µs, but 50 µs for the last: a large one."""
    ops = [op.index for op in file.graph.computing_ops()]
    return {index: 1_000 * (position + 2) for position, index in enumerate(ops)} | {ops[-1]: 50_000}


def told_us(file: TfliteFile, own: Own) -> dict[int, float]:
    """What is to be found, in µs: the large one keeps what its model costs beyond a chain."""
    return {op.index: (own.get(op.index, 0) + EXTRA_NS * (own.get(op.index) == 50_000)) / 1e3 for op in file.graph.ops}


def test_small_operators_lose_the_call_by_copies_and_large_ones_by_the_chain(file: TfliteFile) -> None:
    own = own_times(file)
    board = Board(own)
    found, version = time_files(board, file, operator_files(file), OperatorSettings(runs=30, threads=2))
    assert found.operators_us == pytest.approx(told_us(file, own))
    assert found.whole.median_us == pytest.approx((CALL_NS + sum(own.values())) / 1e3)
    assert found.whole.call_us == pytest.approx(CALL_NS / 1e3)
    assert (found.refused, version) == ({}, "2.3.0")
    large = max(own)
    assert f"operator{large}x{COPIES}.tflite" not in board.pushed
    assert [(asked["runs"], asked["threads"]) for asked in board.asked] == [(3, 2), (30, 2)]
    assert board.pushed[WHOLE] == file.content


def test_an_operator_that_the_target_refuses_is_left_out_with_its_reason(file: TfliteFile) -> None:
    own = own_times(file)
    first = min(own)
    board = Board(own, refused=[f"operator{first}x1.tflite"])
    found, _ = time_files(board, file, operator_files(file), OperatorSettings())
    assert found.refused == {first: "no kernel"}
    assert set(found.operators_us) == {op.index for op in file.graph.ops} - {first}
    with pytest.raises(BenchmarkError, match=f"cannot run operator {first} .* by itself \\(no kernel\\)"):
        time_operators_on(board, file, 5)


def test_copies_that_the_target_refuses_leave_the_single_one(file: TfliteFile) -> None:
    own = own_times(file)
    first = min(own)
    board = Board(own, refused=[f"operator{first}x{COPIES}.tflite"])
    found, _ = time_files(board, file, operator_files(file), OperatorSettings())
    assert found.operators_us[first] == pytest.approx((own[first] + EXTRA_NS) / 1e3)


def test_a_whole_that_the_target_refuses_is_an_error(file: TfliteFile) -> None:
    with pytest.raises(BenchmarkError, match=r"The runtime of ssh://pi@board refuses .* \(no kernel\)"):
        time_files(Board(own_times(file), refused=[WHOLE]), file, operator_files(file), OperatorSettings())


@pytest.mark.parametrize("change", [{"samples_ns": [[1]]}, {"refused": None}, {"samples_ns": [["x"]]}])
def test_an_answer_of_another_kind_is_one_sentence(
    file: TfliteFile, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stranger(Board):
        def run(self, command: Sequence[str], stdin: str = "", seconds: float = 0) -> RawRun:
            answer = json.loads(super().run(command, stdin, seconds).stdout)
            return RawRun(json.dumps(answer | change), "", 0, 0.1)

    with pytest.raises(BenchmarkError, match="none of tfkws"):
        time_files(Stranger(own_times(file)), file, operator_files(file), OperatorSettings())


def test_the_latency_model_gets_one_time_an_operator(file: TfliteFile) -> None:
    own = own_times(file)
    whole_us, operators_us = time_operators_on(Board(own), file, 5)
    assert whole_us == pytest.approx((CALL_NS + sum(own.values())) / 1e3)
    assert operators_us == pytest.approx(list(told_us(file, own).values()))
