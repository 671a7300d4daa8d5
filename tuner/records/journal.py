"""The history of a search as an append-only file: one JSON line an event, forced to disk before going on.

A crash can only cut the last line short. That line is dropped on reading and overwritten by the next append; damage
anywhere else would lose trials and is an error.
"""

import os
from pathlib import Path
from typing import Any

from tfkws.errors import JournalError
from tfkws.run_folder import append_jsonl
from tfkws.strict_json import parse_json
from tfkws.tuner.records.trials import TrialRecord

JOURNAL = "journal.jsonl"


class Journal:
    """Events "suggested" and "finished" of trials, in order of arrival.

    Args:
        path: of the file; it and its folder are made by the first append.

    Example:
        >>> journal = Journal(Path("journal.jsonl"))
        >>> journal.append(TrialRecord(number=0, stage=0, values={"width": 8}))
        >>> [record.status for record in journal.load()]
        ['running']
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._repaired = False

    def append(self, record: TrialRecord) -> None:
        """Add the state of one trial, on disk when this returns.

        The event is "suggested" for a running one, else "finished".

        Raises:
            ValueError: a number in it is NaN or infinite, which JSON cannot hold.
        """
        if not self._repaired:
            self._cut_partial_line()
        event = "suggested" if record.status == "running" else "finished"
        append_jsonl(self.path, {"event": event} | record.to_dict())

    def load(self) -> list[TrialRecord]:
        """Read all trials: finished ones in order of arrival, then running ones in order of suggestion.

        Raises:
            JournalError: a line before the last is damaged, or a trial finishes twice or without being
                suggested.
        """
        running: dict[int, TrialRecord] = {}
        finished: dict[int, TrialRecord] = {}
        for line_number, line in enumerate(self._complete_lines(), start=1):
            event, record = self._parse(line, line_number)
            if event == "suggested" and record.number not in running and record.number not in finished:
                running[record.number] = record
            elif event == "finished" and record.number in running:
                del running[record.number]
                finished[record.number] = record
            else:
                raise self._damage(line_number, f"trial {record.number} is {event} out of turn")
        return [*finished.values(), *running.values()]

    def _complete_lines(self) -> list[bytes]:
        return self.path.read_bytes().split(b"\n")[:-1] if self.path.exists() else []

    def _cut_partial_line(self) -> None:
        """Drop what a crash left behind the last newline, so that the next record starts a line of its own."""
        if self.path.exists():
            with self.path.open("r+b") as file:
                file.truncate(file.read().rfind(b"\n") + 1)
                os.fsync(file.fileno())
        self._repaired = True

    def _parse(self, line: bytes, line_number: int) -> tuple[str, TrialRecord]:
        try:
            fields: dict[str, Any] = parse_json(line)
            return fields.pop("event"), TrialRecord.from_dict(fields)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._damage(line_number, str(error)) from None

    def _damage(self, line_number: int, reason: str) -> JournalError:
        return JournalError(
            f"{self.path} is damaged in line {line_number} ({reason}); restore it from a copy, or remove that line to "
            "go on without its trial."
        )
