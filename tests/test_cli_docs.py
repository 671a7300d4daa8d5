"""Every command explains itself, shows an example, and is mentioned in the README or a page of docs/."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tfkws.cli import app

ROOT = Path(__file__).parents[1]


def leaves(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(path), command
        return
    for name, child in children.items():
        yield from leaves(child, (*path, name))


COMMANDS = dict(leaves(typer.main.get_command(app)))
PAGES = "\n".join(path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_and_shows_an_example(name: str) -> None:
    text = COMMANDS[name].help or ""  # type: ignore[attr-defined]
    assert len(text.split("\n")[0]) > 20
    assert f"Example: tfkws {name}" in " ".join(text.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name: str) -> None:
    for parameter in COMMANDS[name].params:  # type: ignore[attr-defined]
        assert parameter.name == "help" or getattr(parameter, "help", None), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"tfkws {name}" in PAGES


@pytest.mark.parametrize("name", COMMANDS)
def test_no_part_of_a_help_text_is_taken_for_markup(name: str) -> None:
    from rich.text import Text

    command: Any = COMMANDS[name]
    for text in (command.help, *(getattr(parameter, "help", None) for parameter in command.params)):
        assert Text.from_markup(text or "").plain == (text or "").replace("\\[", "["), f"{name}: {text}"
