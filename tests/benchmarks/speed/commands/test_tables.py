"""Seconds and memory of commands as rows, and an evaluation without its start."""

from pathlib import Path
from typing import Any

from benchmarks.speed.checkouts import BEFORE, NOW, Checkout
from benchmarks.speed.commands.measure import copy_few
from benchmarks.speed.commands.plan import COMMANDS, EVALUATE, EVALUATE_FEW, Inputs
from benchmarks.speed.commands.tables import memory_table, seconds_table


def timed(*seconds: float) -> dict[str, Any]:
    """The record of a command that was timed in rounds."""
    return {"seconds": list(seconds), "foreign": 0.02}


RECORD: dict[str, Any] = {
    "clips": 2_115,
    "commands": {
        EVALUATE_FEW: {NOW: timed(2.0, 2.0), BEFORE: timed(4.0, 4.0)},
        EVALUATE: {NOW: timed(3.0, 3.0), BEFORE: timed(8.0, 8.0)},
        "tfkws train": {NOW: {"peak_bytes": 3 * 2**20}, BEFORE: {"peak_bytes": 6 * 2**20}},
    },
}


def test_an_evaluation_is_told_without_its_start() -> None:
    rows = seconds_table(RECORD).rows
    assert rows[0] == (EVALUATE_FEW, "2.00 (2.00 to 2.00)", "4.00 (4.00 to 4.00)", "0.50 (0.50 to 0.50)")
    assert rows[-1] == (
        "2115 clips of it, after start",
        "1.00 (1.00 to 1.00)",
        "4.00 (4.00 to 4.00)",
        "0.25 (0.25 to 0.25)",
    )


def test_without_another_checkout_columns_are_empty() -> None:
    commands = {name: {NOW: found[NOW]} for name, found in RECORD["commands"].items()}
    assert all(row[2:] == ("", "") for row in seconds_table(RECORD | {"commands": commands}).rows)


def test_memory_is_told_in_mebibytes() -> None:
    assert memory_table(RECORD).rows == (("tfkws train", "3", "6"),)


def test_a_few_clips_of_each_word_and_all_noises_are_copied(tmp_path: Path) -> None:
    for folder, count in (("yes", 40), ("no", 3), ("_background_noise_", 35)):
        (tmp_path / "all" / folder).mkdir(parents=True)
        for number in range(count):
            (tmp_path / "all" / folder / f"{number:02d}.wav").write_bytes(b"x")
    (tmp_path / "all" / ".tfkws_cache" / "maps").mkdir(parents=True)  # what reading the folder leaves there
    copy_few(tmp_path / "all", tmp_path / "few")
    counts = {path.name: len(list(path.iterdir())) for path in (tmp_path / "few").iterdir()}
    assert counts == {"yes": 30, "no": 3, "_background_noise_": 35}


def test_each_command_is_run_from_its_checkout(tmp_path: Path) -> None:
    checkout = Checkout(NOW, tmp_path, tmp_path)
    inputs = Inputs(tmp_path / "data", tmp_path / "model", tmp_path / "few", tmp_path / "work")
    lines = {command.name: command.line(checkout, inputs) for command in COMMANDS}
    assert lines[EVALUATE][-2] == str(tmp_path / "data") and lines[EVALUATE_FEW][-2] == str(tmp_path / "few")
    assert len(lines) == len(COMMANDS)
