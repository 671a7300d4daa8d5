"""The journal: every way to cut it short keeps all finished trials but the last, and other damage is loud."""

import json
from pathlib import Path

import pytest

from tfkws.errors import JournalError
from tfkws.tuner.records.journal import Journal
from tfkws.tuner.records.trials import TrialRecord, Values

VALUES: Values = {"width": 3, "rate": 0.001, "kind": "ä"}
METRICS = {"top1_error": 0.25, "macs": 1_000}


def finished(number: int, status: str = "completed") -> TrialRecord:
    metrics = {} if status == "infeasible" else METRICS
    return TrialRecord(number, 0, VALUES, status, metrics, ((10, 0.5), (20, 0.25)), "")  # type: ignore[arg-type]


def running(number: int) -> TrialRecord:
    return TrialRecord(number, 0, VALUES)


class JournalConformance:
    """What any journal must do; `make` opens the same one each time."""

    def make(self, folder: Path) -> Journal:
        raise NotImplementedError

    def test_empty(self, tmp_path: Path) -> None:
        assert self.make(tmp_path).load() == []

    def test_records_survive(self, tmp_path: Path) -> None:
        journal = self.make(tmp_path)
        for number, status in enumerate(("completed", "stopped", "infeasible")):
            journal.append(running(number))
            journal.append(finished(number, status))
        assert self.make(tmp_path).load() == [finished(0), finished(1, "stopped"), finished(2, "infeasible")]

    def test_finished_in_order_of_arrival_then_running(self, tmp_path: Path) -> None:
        journal = self.make(tmp_path)
        for number in range(4):
            journal.append(running(number))
        journal.append(finished(2))
        journal.append(finished(0))
        assert journal.load() == [finished(2), finished(0), running(1), running(3)]

    def test_out_of_turn(self, tmp_path: Path) -> None:
        journal = self.make(tmp_path)
        journal.append(finished(0))
        with pytest.raises(JournalError, match="out of turn"):
            journal.load()


class TestFileJournal(JournalConformance):
    def make(self, folder: Path) -> Journal:
        return Journal(folder / "deep" / "journal.jsonl")


def test_cut_at_every_byte_of_the_last_record(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    for record in (running(0), finished(0), running(1), finished(1)):
        journal.append(record)
    whole = path.read_bytes()
    last = whole.rfind(b"\n", 0, -1) + 1
    for length in range(last, len(whole)):
        path.write_bytes(whole[:length])
        assert Journal(path).load() == [finished(0), running(1)]
        again = Journal(path)
        again.append(finished(1, "stopped"))
        assert again.load() == [finished(0), finished(1, "stopped")]
        assert path.read_bytes().startswith(whole[:last])


def test_cut_anywhere_is_a_prefix_of_the_events(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    for record in (running(0), running(1), finished(1), finished(0)):
        journal.append(record)
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        complete = whole[:length].count(b"\n")
        expected = [[], [running(0)], [running(0), running(1)], [finished(1), running(0)], [finished(1), finished(0)]]
        assert Journal(path).load() == expected[complete]


@pytest.mark.parametrize("line", [b"{", b"[]", b"\xff", b'{"event": "finished"}', b'{"event": "x", "number": 0}'])
def test_damage_before_the_end_names_the_line(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.append(running(0))
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(JournalError, match="line 2"):
        Journal(path).load()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("values", 3),
        ("values", {"width": [1]}),
        ("values", {"width": None}),
        ("metrics", [1]),
        ("metrics", {"top1_error": "low"}),
        ("metrics", {"top1_error": float("nan")}),
        ("stage", "one"),
        ("stage", None),
        ("status", "done"),
        ("status", 1),
        ("number", "0"),
        ("curve", [[1, 2, 3]]),
        ("curve", 7),
        ("reason", 4),
        ("started_from", "0"),
        ("event", "begun"),
        ("colour", 1),
    ],
)
def test_a_line_of_the_wrong_type_is_refused_by_its_number(field: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    line = {"event": "suggested", **running(0).to_dict(), field: value}
    path.write_text(json.dumps(line) + "\n")
    with pytest.raises(JournalError, match="damaged in line 1"):
        Journal(path).load()


def test_a_line_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"event": ' + "[" * 100_000 + "]" * 100_000 + "}\n")
    with pytest.raises(JournalError, match="damaged in line 1"):
        Journal(path).load()
