"""What the commands that measure share."""

from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from tfkws.cli.measure.options import names_of, program_of, refuse
from tfkws.errors import ConfigError


def test_the_old_option_stands_for_runtime_and_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert program_of("litert", None, Path("b")) == ("benchmark_model", Path("b"))
    assert "`--benchmark-binary PATH` is now `--runtime benchmark_model --binary PATH`" in capsys.readouterr().err
    assert program_of("benchmark_model", Path("b"), None) == ("benchmark_model", Path("b"))
    assert program_of("litert", None, None) == ("litert", None)
    assert capsys.readouterr().err == ""


def test_a_program_needs_its_runtime() -> None:
    with pytest.raises(ConfigError, match="--binary is for --runtime benchmark_model. Received --runtime litert"):
        program_of("litert", Path("b"), None)


def test_options_that_were_given_are_refused_by_spelling() -> None:
    program = typer.Typer()

    @program.command()
    def command(
        context: typer.Context,
        first: str = "x",
        second: Annotated[int, typer.Option("--input")] = 0,
        third: bool = False,
    ) -> None:
        refuse(context, "It has no use for", "first", "second")

    def error(*arguments: str) -> str:
        return str(CliRunner().invoke(program, arguments).exception or "")

    assert error() == error("--third") == ""
    assert error("--input", "5") == "It has no use for --input."
    assert error("--input", "0", "--first", "x") == "It has no use for --first, --input."  # the defaults, but given


def test_rows_are_named_by_file_or_where_that_is_ambiguous_by_path() -> None:
    assert names_of([Path("a/int8.tflite"), Path("a/none.tflite")]) == ["int8.tflite", "none.tflite"]
    assert names_of([Path("a/int8.tflite"), Path("b/int8.tflite")]) == ["a/int8.tflite", "b/int8.tflite"]
