"""Wrong input to any command: one sentence on stderr, exit 1, nothing written."""

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config import ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.training.model_folder import write_config


def write_wav(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.random.default_rng(seed).integers(-3000, 3000, 16_000, np.int16).tobytes())


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Two words, forty speakers."""
    for word in ("yes", "no"):
        for speaker in range(40):
            write_wav(tmp_path / "clips" / word / f"{speaker * 7919:08x}_nohash_0.wav", speaker)
    return tmp_path / "clips"


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A folder that `train` might have written, with a damaged model in it."""
    folder = tmp_path / "model"
    folder.mkdir()
    task = TaskConfig("wake-word", ("yes",))
    labels = ("_other_", "yes")
    write_config(
        folder, RunConfig(task, FRONT_ENDS["mfcc-40x32"], ModelConfig("kws10"), TrainConfig(), labels, "clips", False)
    )
    for name in ("model.keras", "int8.tflite"):
        (folder / name).write_bytes(b"not a model at all" * 100)
    return folder


def fails(arguments: list[str]) -> str:
    """Run a command that must fail in one sentence; return the sentence."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_missing_data_folder(tmp_path: Path) -> None:
    sentence = fails(["train", "--data", str(tmp_path / "nowhere"), "--models", str(tmp_path / "out")])
    assert "nowhere" in sentence
    assert not (tmp_path / "out").exists()


def test_empty_data_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty" in fails(["train", "--data", str(tmp_path / "empty"), "--models", str(tmp_path / "out")])


def test_word_without_clips(clips: Path, tmp_path: Path) -> None:
    arguments = ["train", "--data", str(clips), "--task", "commands", "--words", "yes,sheila"]
    sentence = fails([*arguments, "--models", str(tmp_path / "out")])
    assert "sheila" in sentence
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("--model", "kws99", "kws9"),
        ("--features", "mfcc", "mfcc-40x32"),
        ("--recipe", "quik", "quick"),
        ("--task", "wake", "wake-word"),
        ("--convs", "3x3", "3x3"),
        ("--set", "width", "name=value"),
        ("--iterations", "0", "at least 1"),
    ],
)
def test_unknown_names_list_what_there_is(option: str, value: str, word: str, clips: Path, tmp_path: Path) -> None:
    arguments = ["train", "--data", str(clips), "--words", "yes", "--models", str(tmp_path / "out"), option, value]
    assert word in fails(arguments)
    assert not list((tmp_path).glob("out/*/model.keras"))


@pytest.mark.parametrize("name", ["model.keras", "int8.tflite"])
def test_corrupt_model(name: str, clips: Path, model_folder: Path) -> None:
    assert name in fails(["evaluate", str(model_folder / name), "--data", str(clips)])


def test_corrupt_config(clips: Path, model_folder: Path) -> None:
    (model_folder / "config.json").write_text('{"task": {')
    assert "not valid JSON" in fails(["evaluate", str(model_folder), "--data", str(clips)])


def test_setting_from_another_version(clips: Path, model_folder: Path) -> None:
    config = model_folder / "config.json"
    config.write_text(config.read_text().replace('"protocol"', '"protocl"'))
    assert "Did you mean 'protocol'" in fails(["evaluate", str(model_folder), "--data", str(clips)])


def test_no_such_split(clips: Path, model_folder: Path) -> None:
    sentence = fails(["evaluate", str(model_folder), "--data", str(clips), "--split", "test"])
    assert "training, validation, testing" in sentence


def test_no_such_model(clips: Path, tmp_path: Path) -> None:
    assert "does not exist" in fails(["evaluate", str(tmp_path / "gone"), "--data", str(clips)])


def test_report_of_nothing(tmp_path: Path) -> None:
    assert "no results" in fails(["report", str(tmp_path)])
    assert "not a folder" in fails(["report", str(tmp_path / "gone")])


@pytest.mark.parametrize("arguments", [["models", "list"], ["search", "--help"]])
def test_a_reader_that_has_seen_enough_is_no_error(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "tfkws", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
