"""Every command over the zoo of odd files: an answer, or one sentence; never a traceback."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from odd_files import ODD_FILES, odd_file
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.features.front_ends import FRONT_ENDS

TOLD = ("--labels", "silence,yes,unknown", "--features", "front_end.json")
# Files that no command can take at all, and those that cannot answer clips of a front end of 12 frames of 6 values.
REFUSED_BY_ALL = {"no_operators": "it has no operators"}
NO_WINDOWS = {
    "two_inputs": "has 2 inputs", "scalars": "has 2 inputs", "front_end": "takes 1x400", "while": "takes 1x6",
    "if": "takes 1x6", "hash_table": "takes 2", "speech_commands": "takes 400x1", "sparse": "takes 1x64",
    "custom_operator": "takes 1,", "unnamed": "takes 1,", "no_quantisation": "answers 1x72",
    "fused_lstm": "answers 1x12x4", "fused_rnn": "answers 1x12x4", "svdf": "answers 1x4",
}  # fmt: skip
KEEPS_STATE = dict.fromkeys(("streaming", "fused_lstm", "fused_rnn", "svdf"), "keeps values from one run to the next")
NOT_RUN = {"custom_operator": "StrangeOperator", "dynamic_time": "--shape"}
# A command, and the files that it refuses with what their sentences say.
COMMANDS: dict[str, tuple[list[str], dict[str, str]]] = {
    "count": (["models", "show", "FILE"], {}),
    "count by layer": (["models", "show", "FILE", "--per-layer", "--json"], {}),
    "contents": (["convert", "--show", "FILE"], {}),
    "evaluate": (["evaluate", "FILE", "--data", "clips", *TOLD], NO_WINDOWS),
    "bundle": (["bundle", "create", "FILE", *TOLD], NO_WINDOWS | KEEPS_STATE),
}
MEASURING: dict[str, tuple[list[str], dict[str, str]]] = {
    "benchmark": (["benchmark", "FILE", "--runs", "10", "--processes", "1"], NOT_RUN),
    "profile": (["profile", "operators", "FILE"], NOT_RUN),
    "profile by submodels": (["profile", "operators", "FILE", "--method", "submodels"], NOT_RUN),
}


@pytest.fixture
def folder(make_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with clips and a front end, in which commands run."""
    monkeypatch.chdir(tmp_path)
    settings = FRONT_ENDS["mfcc-49x10"].to_dict()
    settings |= {"name": "front_end", "rows": 6, "bands": 20, "frames": 12, "hop_samples": 1_300}
    (tmp_path / "front_end.json").write_text(json.dumps(settings))
    make_folder()
    return tmp_path


def assert_answers_or_refuses(command: list[str], refused: dict[str, str], folder: Path) -> None:
    """Run a command over the zoo; together, so that the clips are read once."""
    wrong = {}
    for name in ODD_FILES:
        (folder / f"{name}.tflite").write_bytes(odd_file(name))
        done = CliRunner().invoke(app, [f"{name}.tflite" if part == "FILE" else part for part in command])
        sentence = (REFUSED_BY_ALL | refused).get(name)
        if sentence is None:
            fine = done.exit_code == 0
        else:
            fine = done.exit_code == 1 and sentence in done.stderr and isinstance(done.exception, SystemExit)
        if not fine:
            wrong[name] = (done.exit_code, repr(done.exception), done.stderr[-300:])
    assert not wrong


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_answer_or_say_why_not(name: str, folder: Path) -> None:
    assert_answers_or_refuses(*COMMANDS[name], folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURING)
def test_measuring_commands_answer_or_say_why_not(name: str, folder: Path) -> None:
    assert_answers_or_refuses(*MEASURING[name], folder)


def test_a_bundle_of_a_strangers_file_verifies_evaluates_and_says_that_nothing_is_known(folder: Path) -> None:
    Path("gru.tflite").write_bytes(odd_file("gru"))
    for command in (
        ["bundle", "create", "gru.tflite", *TOLD],
        ["bundle", "verify", "gru.kws"],
        ["evaluate", "gru.kws", "--data", "clips"],
        ["evaluate", "gru.tflite", "--data", "clips", *TOLD],
    ):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.stderr
    scores = [json.loads(path.read_text())["accuracy"] for path in folder.glob("evaluation-*.json")]
    assert len(set(scores)) == 1
    again = CliRunner().invoke(app, ["bundle", "create", "gru.tflite", *TOLD])
    assert again.exit_code == 1 and "--force" in again.stderr


def test_a_file_that_says_nothing_asks_to_be_told(folder: Path) -> None:
    Path("gru.tflite").write_bytes(odd_file("gru"))
    done = CliRunner().invoke(app, ["evaluate", "gru.tflite", "--data", "clips"])
    assert done.exit_code == 1
    assert "--labels yes,no,... --features NAME" in " ".join(done.stderr.split())
    bundled = CliRunner().invoke(app, ["bundle", "create", "gru.tflite"])
    assert bundled.exit_code == 1
    assert "--labels yes,no,... --features NAME" in " ".join(bundled.stderr.split())


FOREIGN = [("net.onnx", "an ONNX model"), ("net.h5", "the old format of Keras"), ("saved", "a SavedModel"),
           ("moved", "does not exist")]  # fmt: skip


BEFORE_TENSORFLOW = {
    "evaluate": ["--data", "clips"],
    "bundle create": [],
    "convert": [],
    "compress": ["--quantization-aware"],
}
# Every command on every file; of each command, code and words of its answers, and what of TensorFlow is there by then.
EVERY_ANSWER = """
import json, sys
from typer.testing import CliRunner
from tfkws.cli import app
names = sys.argv[2].split(",")
for command, options in json.loads(sys.argv[1]).items():
    answers = [CliRunner().invoke(app, [*command.split(), name, *options]) for name in names]
    loaded = sorted({"tensorflow", "keras"} & set(sys.modules))
    print(json.dumps([command, [[answer.exit_code, answer.stderr] for answer in answers], loaded]))
"""


@pytest.fixture(scope="module")
def foreign_answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[tuple[int, str]], list[str]]]:
    """Answers and loaded modules of each command, from one process of their own."""
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "saved").mkdir()
    for name in ("net.onnx", "net.h5", "saved/saved_model.pb"):
        (folder / name).touch()
    names = ",".join(name for name, _ in FOREIGN)
    command = [sys.executable, "-c", EVERY_ANSWER, json.dumps(BEFORE_TENSORFLOW), names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return {command: (answers, loaded) for command, answers, loaded in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("command", BEFORE_TENSORFLOW)
def test_models_of_other_programs_are_named_before_tensorflow_is_loaded(
    command: str, foreign_answers: dict[str, tuple[list[tuple[int, str]], list[str]]]
) -> None:
    answers, loaded = foreign_answers[command]
    for (name, sentence), (code, words) in zip(FOREIGN, answers, strict=True):
        assert code == 1
        assert sentence in " ".join(words.split()), name
    assert not loaded


@pytest.mark.parametrize("command", ["models show", "benchmark", "profile operators", "profile layers"])
def test_they_are_named_by_the_commands_that_measure(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, sentence in FOREIGN[:2]:
        Path(name).touch()
        done = CliRunner().invoke(app, [*command.split(), name])
        assert done.exit_code == 1
        assert sentence in " ".join(done.stderr.split())
