"""Options come from the fields that they fill, and none has changed its name, default or type."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
import typer.main
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.cli.terminal.field_options import Changes, attribute_lines, options_of
from tfkws.config import DetectorConfig, SearchConfig
from tfkws.tuner.strategies.strategies import STRATEGIES

GOLDEN = Path(__file__).parents[3] / "golden" / "options.json"  # written before options came from fields
TABLE: dict[str, dict[str, dict[str, Any]]] = json.loads(GOLDEN.read_text())


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(path), command
        return
    for name, child in children.items():
        yield from leaves(child, (*path, name))


COMMANDS = dict(leaves(typer.main.get_command(app)))


def row(option: Any) -> dict[str, Any]:
    """What the table holds of an option."""
    kind, default = option.type_descriptor.annotation, option.default
    return {
        "spelled": [*option.opts, *option.secondary_opts],
        "type": kind.__name__ if isinstance(kind, type) else str(kind),
        "default": default if default is None or isinstance(default, bool | int | float | list) else str(default),
        "required": option.required,
        "flag": getattr(option, "is_flag", False),
        "multiple": option.multiple,
        "nargs": option.nargs,
    }


@pytest.mark.parametrize("command", TABLE)
def test_options_are_spelled_typed_and_set_as_before(command: str) -> None:
    assert {option.name: row(option) for option in COMMANDS[command].params if option.name != "help"} == TABLE[command]


def made() -> tuple[typer.Typer, list[Any]]:
    """A program of two commands, and the list of what they received."""
    program = typer.Typer()
    received: list[Any] = []

    @program.command()
    @options_of(DetectorConfig, only=("window_ms", "threshold"), named={"window_ms": "window"})
    def whole(name: Annotated[str, typer.Argument()], detector: DetectorConfig, loud: bool = False) -> None:
        received.append((name, detector, loud))

    @program.command()
    @options_of(DetectorConfig)
    def change(changes: Changes[DetectorConfig]) -> None:
        received.append(changes.to(DetectorConfig(hop_ms=50.0, threshold=0.9)))

    return program, received


def test_a_command_gets_the_configuration_that_its_options_describe() -> None:
    program, received = made()
    assert CliRunner().invoke(program, ["whole", "a", "--window", "450", "--loud"]).exit_code == 0
    assert CliRunner().invoke(program, ["whole", "a"]).exit_code == 0
    assert received == [("a", DetectorConfig(window_ms=450.0), True), ("a", DetectorConfig(), False)]


def test_changes_leave_alone_what_was_not_given() -> None:
    program, received = made()
    assert CliRunner().invoke(program, ["change", "--threshold", "0.7"]).exit_code == 0
    assert received == [DetectorConfig(hop_ms=50.0, threshold=0.7)]


def test_an_option_of_several_values_is_given_with_commas_or_several_times() -> None:
    program = typer.Typer()
    received: list[Any] = []

    @program.command()
    @options_of(SearchConfig, only=("stages",), read={"stages": lambda text: tuple(map(int, text.split(",")))})
    def command(config: SearchConfig) -> None:
        received.append(config.stages)

    for arguments in (["--stages", "3,5"], ["--stages", "3", "--stages", "5"], []):
        assert CliRunner().invoke(program, arguments).exit_code == 0
    assert received == [(3, 5), (3, 5), SearchConfig().stages]


def test_an_error_names_the_option() -> None:
    program, received = made()
    done = CliRunner().invoke(program, ["whole", "a", "--window", "50"])
    assert str(done.exception) == "--window must be at least hop_ms. Received 50.0."
    assert not received


def test_an_option_may_have_other_spellings() -> None:
    program = typer.Typer()
    received: list[DetectorConfig] = []

    @program.command()
    @options_of(DetectorConfig, spelled={"hop_ms": ("--hop", "--step")})
    def command(detector: DetectorConfig) -> None:
        received.append(detector)

    assert CliRunner().invoke(program, ["--step", "20"]).exit_code == 0
    assert received == [DetectorConfig(hop_ms=20.0)]
    done = CliRunner().invoke(program, ["--step", "0"])
    assert str(done.exception) == "--hop must be above 0. Received 0.0."


def test_help_is_what_the_class_says_of_the_field() -> None:
    lines = attribute_lines(DetectorConfig)
    assert list(lines) == ["hop_ms", "window_ms", "threshold", "refractory_ms", "chunk_ms", "found"]
    assert lines["window_ms"] == "Answers of this time are averaged."
    shown = {option.name: option.help for option in COMMANDS["bundle create"].params}
    assert shown["refractory_ms"] == lines["refractory_ms"]


def test_the_help_names_every_strategy() -> None:
    assert all(f'"{name}"' in attribute_lines(SearchConfig)["strategy"] for name in STRATEGIES)


def test_the_help_of_a_search_is_in_panels() -> None:
    """46 options in one list are not found; what trials cost and where they run has its own."""
    panels: dict[str | None, list[str]] = {}
    for option in COMMANDS["search"].params:
        panels.setdefault(getattr(option, "rich_help_panel", None), []).append(str(option.name))
    assert {"How long", "Limits of candidates", "What is proposed", "Where trials run"} <= set(panels)
    assert "max_macs" in panels["Limits of candidates"] and "workers" in panels["Where trials run"]
    assert max(map(len, panels.values())) <= 16
