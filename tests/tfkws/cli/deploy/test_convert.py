"""`--quantize` with and without a value."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.cli.deploy.convert import _show_converted, with_recipe


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


@pytest.mark.parametrize("columns", ["40", "160"])
def test_the_end_of_a_conversion_fits_and_names_the_next_line(
    columns: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tables on stdout as wide as the terminal or as lines; what to type next on stderr, in one line."""
    first_run = Path(__file__).parents[4] / "artifacts/published/first_run"
    parity = json.loads((first_run / "int8.parity.json").read_text()) | {"attempts": [], "timing_hint": None}
    (tmp_path / "int8.parity.json").write_text(json.dumps(parity))
    recipe = json.loads((first_run / "int8.recipe.json").read_text())
    recipe["contents"] |= {"macs": 1_000, "arena_bytes": 2_000, "metadata_bytes": 512}  # what older records lack
    (tmp_path / "int8.recipe.json").write_text(json.dumps(recipe))
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    _show_converted(tmp_path / "int8.tflite", as_json=False)
    shown = capsys.readouterr()
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown.out)
    assert "int8" in plain and max(map(len, plain.split(". ")[0].splitlines()[:4])) <= int(columns)
    assert shown.err == f"Next: tfkws bundle create {tmp_path}/int8.tflite\n"
    _show_converted(tmp_path / "int8.tflite", as_json=True)
    shown = capsys.readouterr()
    assert set(json.loads(shown.out)) == {"file", "parity", "recipe"} and shown.err.startswith("Next: ")
