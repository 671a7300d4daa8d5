"""`tfkws count`: what it prints is what it writes, and a core that is not emulated is refused."""

import json
from pathlib import Path

import pytest
from emulated_core import Emulator
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.tflite.file.submodels import NULL_MODEL


def test_what_is_printed_as_json_is_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "int8.tflite"
    model.write_bytes(NULL_MODEL)
    session = Emulator([30_000, 4_000])
    monkeypatch.setattr("tfkws.tflite.targets.open._open", lambda address, python: session)
    done = CliRunner().invoke(app, ["count", str(model), "--target", "qemu-aarch64:cortex-a53", "--json"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout) == [json.loads((tmp_path / "instructions-int8-cortex-a53.json").read_text())]
    assert "is now" not in done.stderr


def test_this_machine_counts_no_instructions(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["count", str(tmp_path / "int8.tflite"), "--target", "local"])
    assert done.exit_code == 1
    assert "Instructions are counted on an emulated core" in done.stderr
