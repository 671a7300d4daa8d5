"""`tfkws benchmark`: what it refuses, and what it shows."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulated_core import Emulator
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.tflite.file.submodels import NULL_MODEL


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An emulated core that counts 30,000 instructions, and 4,000 of a call alone."""
    session = Emulator([30_000, 4_000])
    monkeypatch.setattr("tfkws.tflite.targets.open._open", lambda address, python: session)
    yield session
    session.close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of one ABS on one number."""
    path = tmp_path / "int8.tflite"
    path.write_bytes(NULL_MODEL)
    return path


@pytest.mark.parametrize(
    "options",
    [("--threads", "2"), ("--threads", "auto"), ("--runs", "10"), ("--against", "a.json"), ("--processes", "1")],
)  # fmt: skip
def test_options_for_times_are_refused_on_an_emulator(options: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "abs.tflite"
    file.write_bytes(NULL_MODEL)
    done = CliRunner().invoke(app, ["benchmark", str(file), "--target", "qemu-aarch64", *options])
    assert done.exit_code == 1
    assert f"measures no time. Leave out {options[0]}." in done.stderr


def test_the_old_spelling_of_count_tells_no_time(core: Emulator, model: Path) -> None:
    done = CliRunner().invoke(app, ["benchmark", str(model), "--target", "qemu-aarch64"])
    assert done.exit_code == 0, done.stderr
    assert "Instructions of one inference" in done.stdout
    assert "A count, not a time" in " ".join(done.stdout.split())
    assert "bit-identical with" in done.stdout
    assert not any(unit in done.stdout for unit in (" µs", " ms", " s "))
    assert "is now `tfkws count FILE --target qemu-aarch64`" in done.stderr
    saved = json.loads((model.parent / "instructions-int8-cortex-a53.json").read_text())
    assert (saved["unit"], saved["mix"]["all"]) == ("instructions", 30_000)


@pytest.mark.parametrize(
    "content", ["[1]", "{}", '{"model": "a", "median_us": "fast"}', '{"model": "a", "median_us": 3, "before": []}', "{"]
)
def test_another_json_is_refused_before_anything_is_timed(
    content: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was timed")

    monkeypatch.setattr("tfkws.pipeline.benchmark.benchmark_models", never)
    own = tmp_path / "own.json"
    own.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(app, ["benchmark", str(model), "--against", str(own)])
    assert done.exit_code == 1 and done.stderr.startswith("Error: ") and "own.json" in done.stderr
    assert done.stderr.count("\n") == 1 and "delete" not in done.stderr
