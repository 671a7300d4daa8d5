"""Bare groups print their help, old spellings are understood and told, folders are named by option or argument."""

from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.cli.terminal.arguments import folders, renamed, with_new_spellings

GROUPS = ["data", "models", "bundle", "over-air", "profile", "target"]
A, B = Path("a"), Path("b")


@pytest.mark.parametrize("group", GROUPS)
def test_a_bare_group_prints_its_help_and_is_no_failure(group: str) -> None:
    bare = CliRunner().invoke(app, [group])
    assert (bare.exit_code, bare.stderr) == (0, "")
    assert bare.stdout.strip() == CliRunner().invoke(app, [group, "--help"]).stdout.strip()
    assert "Commands" in bare.stdout


@pytest.mark.parametrize("group", sorted({*GROUPS} - {"profile"}))  # there the old spelling's network stands
def test_a_command_that_is_not_there_is_a_usage_error(group: str) -> None:
    done = CliRunner().invoke(app, [group, "nonsense"])
    assert done.exit_code == 2 and "No such command 'nonsense'" in done.stderr


def test_an_old_spelling_is_understood_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--input", "40x32", "--input=1", "--inputs", "--as"]
    changed = with_new_spellings(given, {"--input": "--input-size"})
    assert changed == ["--input-size", "40x32", "--input-size=1", "--inputs", "--as"]
    assert (
        capsys.readouterr().err.splitlines()
        == ["`--input` is now `--input-size`; the old spelling goes with the next version."] * 2
    )


def test_a_renamed_option_is_shown_by_its_new_name_alone() -> None:
    program = typer.Typer()

    @program.command(cls=renamed({"--out": "--models"}))
    def command(models: Annotated[str, typer.Option(help="Folder.")] = "x") -> None:
        print(models)

    done = CliRunner().invoke(program, ["--out", "y"])
    assert (done.stdout, done.stderr.startswith("`--out` is now `--models`")) == ("y\n", True)
    text = CliRunner().invoke(program, ["--help"]).stdout
    assert "--models" in text and "--out" not in text


@pytest.mark.parametrize(
    ("arguments", "old"),
    [
        (["train", "--data", "gone"], ("--out", "--models")),
        (["compress", "gone"], ("--out", "--models")),
        (["convert", "gone"], ("--input", "--input-kind")),
        (["models", "show", "kws99"], ("--input", "--input-size")),
        (["data", "download", "v9"], ("--folder", "--out")),
    ],
)
def test_old_spellings_of_commands(arguments: list[str], old: tuple[str, str]) -> None:
    done = CliRunner().invoke(app, [*arguments, old[0], "x"])
    told, error = done.stderr.splitlines()
    assert done.exit_code == 1 and error.startswith("Error: ")
    assert told == f"`{old[0]}` is now `{old[1]}`; the old spelling goes with the next version."


@pytest.mark.parametrize(
    ("arguments", "data", "out"),
    [((A, B), None, None), ((B, None), A, None), ((A, None), None, B), ((None, None), A, B)],
)
def test_folders_are_named_either_way(arguments: tuple[Path | None, ...], data: Path | None, out: Path | None) -> None:
    assert folders(arguments, {"--data": data, "--out": out}) == [A, B]


def test_a_folder_that_is_missing_or_named_twice_is_a_usage_error() -> None:
    with pytest.raises(typer.BadParameter, match="A folder is missing; give it with --data and --out, or without"):
        folders([None, None], {"--data": None, "--out": None})
    with pytest.raises(typer.BadParameter, match="A folder is named twice: a, and --data"):
        folders([A], {"--data": B})
    done = CliRunner().invoke(app, ["data", "check"])
    assert done.exit_code == 2 and "A folder is missing; give it with --data" in " ".join(done.stderr.split())


@pytest.mark.parametrize("command", ["check", "info", "rooms"])
def test_the_folder_of_clips_is_data_everywhere(command: str) -> None:
    done = CliRunner().invoke(app, ["data", command, "--data", "gone"])
    assert done.exit_code == 1 and done.stderr == CliRunner().invoke(app, ["data", command, "gone"]).stderr
