"""The table: one line of JSON for each training, forced to disk before the next one begins, small enough to commit."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfkws.run_folder import append_jsonl, read_json, write_json

ROWS, ABOUT = "table.jsonl", "about.json"


@dataclass(frozen=True)
class Row:
    """One training of one configuration.

    Attributes:
        number: of the configuration; trainings with other seeds share it.
        sort: how it was drawn: "paper" (Table II), "spread" (evenly over log MACs) or "random" (uniform).
        values: its place in the space.
        seed: of the training.
        macs, param_count: of the network.
        top1_error: lowest validation error 0..1, on `clips` clips.
        seconds: wall time of the trial.
        curve: validation error after each epoch, by iterations done.
        reason: why it failed; empty where it did not.
    """

    number: int
    sort: str
    values: Mapping[str, int]
    seed: int
    macs: int
    param_count: int
    top1_error: float = 1.0
    clips: int = 0
    seconds: float = 0.0
    curve: Sequence[Sequence[float]] = ()
    reason: str = ""


def add(folder: Path, row: Row) -> None:
    """Append one training; what a crash left behind the last newline is cut off first."""
    path = folder / ROWS
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(file.read().rfind(b"\n") + 1)
            os.fsync(file.fileno())
    append_jsonl(path, asdict(row))


def read_rows(folder: Path) -> list[Row]:
    """Read all trainings, in order of arrival."""
    path = folder / ROWS
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [Row(**json.loads(line)) for line in lines]


def trained_rows(folder: Path) -> list[Row]:
    """Read the trainings that did not fail."""
    return [row for row in read_rows(folder) if not row.reason]


def claim(folder: Path, about: dict[str, Any]) -> None:
    """Write what determines the table, or make sure that the folder holds a table of the same."""
    about = json.loads(json.dumps(about))
    if (folder / ABOUT).exists() and read_json(folder / ABOUT) != about:
        raise SystemExit(f"{folder} holds a table of other settings; choose another --out.")
    write_json(folder / ABOUT, about)


def read_about(folder: Path) -> dict[str, Any]:
    """Read what determines the table."""
    return dict(read_json(folder / ABOUT))
