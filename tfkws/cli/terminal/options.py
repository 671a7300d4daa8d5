"""Options that several commands share, and what they mean."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.errors import ConfigError

if TYPE_CHECKING:
    from tfkws.config import TaskConfig

Data = Annotated[Path, typer.Option("--data", help="Folder in the layout of Speech Commands.")]
Protocol = Annotated[
    str, typer.Option("--task", "--protocol", help="wake-word, commands, commands-10, commands-12-list, ...")
]
Words = Annotated[str, typer.Option(help="Words, separated by commas; empty: the protocol's own.")]
Seed = Annotated[int, typer.Option(help="Keys every random draw.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Target = Annotated[
    str, typer.Option(help="local, ssh://[user@]host[:port], adb:SERIAL, qemu-aarch64[:CPU] or replay:DIR.")
]
TargetPython = Annotated[
    str, typer.Option("--python", help="Python of an ssh or adb target, such as ~/venv/bin/python. Default: python3.")
]
Record = Annotated[
    Path | None, typer.Option(help="Folder for a recording of the target's answers, for --target replay:DIR.")
]


def read_task(protocol: str, words: str) -> "TaskConfig":
    """Build the task from `--task` and `--words`."""
    from tfkws.data.protocols import make_task

    return make_task(protocol, split_words(words))


def split_words(words: str) -> tuple[str, ...]:
    """Split 'yes, no' into ('yes', 'no')."""
    return tuple(word.strip() for word in words.split(",") if word.strip())


def read_variant(convs: str, settings: list[str]) -> dict[str, Any]:
    """Collect a model's own parameters from `--convs` and `--set name=value`; a value is JSON, or else text."""
    import json

    variant: dict[str, Any] = {"convs": convs} if convs else {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ConfigError(f"--set takes name=value. Received {setting!r}.")
        try:
            variant[name] = json.loads(value)
        except json.JSONDecodeError:
            variant[name] = value
    return variant
