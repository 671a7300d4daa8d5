"""`--quantize` with and without a value."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.cli.deploy.convert import with_recipe


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "--quantize"], ["run", "--quantize", "int8"]),
        (["run", "--quantize", "float16"], ["run", "--quantize", "float16"]),
        (["run", "--quantize", "--force"], ["run", "--quantize", "int8", "--force"]),
        (["--quantize", "models/run"], ["--quantize", "int8", "models/run"]),
        (["--quantize", "model.keras"], ["--quantize", "int8", "model.keras"]),
        (["--quantize", "none", "run"], ["--quantize", "none", "run"]),
        (["--quantize=int16x8", "run"], ["--quantize=int16x8", "run"]),
        (["run"], ["run"]),
    ],
)
def test_quantize_alone_means_int8(arguments: list[str], expected: list[str]) -> None:
    assert with_recipe(arguments) == expected


def test_an_existing_folder_behind_quantize_is_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path)
    assert with_recipe(["--quantize", "run"]) == ["--quantize", "int8", "run"]


@pytest.mark.parametrize(
    "arguments",
    [["convert", "nowhere"], ["benchmark", "nowhere.tflite"], ["profile", "nowhere.tflite"],
     ["bundle", "create", "nowhere.tflite"], ["bundle", "verify", "nowhere.kws"]],
)  # fmt: skip
def test_a_missing_file_is_one_sentence_and_exit_1(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    assert "Error: " in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("gate", ["nan", "inf", "-1"])
def test_a_gate_is_a_number_from_0_on(gate: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["convert", str(tmp_path), "--quantize", "int8", "--gate", gate])
    assert done.exit_code == 1 and done.stderr.startswith("Error: --gate must be "), done.stderr
    assert list(tmp_path.iterdir()) == []
