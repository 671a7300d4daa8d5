"""What is read of a command line before its options are: bare groups, old spellings, folders named either way.

A folder that a command reads or writes has the same option everywhere, `--data` or `--out`, and where it is what the
command is about it may stand without it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from tfkws.cli.terminal.output import print_text, warn


class Group(TyperGroup):
    """A group of commands; alone it prints its help, and that is no failure, as with `tfkws` alone."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Print the help where nothing else is asked for.

        Raises:
            typer.Exit: with code 0, after the help.
        """
        if not args:
            print_text(ctx.get_help())
            raise typer.Exit(0)
        return super().parse_args(ctx, args)


def tell_new_spelling(old: str, new: str) -> None:
    """Say on stderr what replaces a spelling, and that it goes with the next version."""
    warn(f"`{old}` is now `{new}`; the old spelling goes with the next version.")


def renamed(spellings: Mapping[str, str], base: type[TyperCommand] = TyperCommand) -> type[TyperCommand]:
    """Return a command whose options have new names, and are still understood by their old ones.

    Args:
        spellings: of options, old -> new.
        base: the command's own class.
    """

    class Renamed(base):  # type: ignore[misc, valid-type]
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            return super().parse_args(ctx, with_new_spellings(args, spellings))

    return Renamed


def with_new_spellings(args: Sequence[str], spellings: Mapping[str, str]) -> list[str]:
    """Return arguments with options by their new names, and tell those of each that came by its old one.

    Example:
        >>> with_new_spellings(["kws10", "--input-size=40x32"], {"--input": "--input-size"})
        ['kws10', '--input-size=40x32']
    """
    changed = []
    for argument in args:
        option, equals, value = argument.partition("=")
        if new := spellings.get(option):
            tell_new_spelling(option, new)
        changed.append(f"{new or option}{equals}{value}")
    return changed


def folders(arguments: Sequence[Path | None], options: Mapping[str, Path | None]) -> list[Path]:
    """Return a command's folders, each named by its option or, in the order of the options, by an argument.

    Raises:
        typer.BadParameter: one is missing, or there are more than it takes.

    Example:
        >>> folders([Path("night"), None], {"--data": Path("clips"), "--out": None})
        [PosixPath('clips'), PosixPath('night')]
    """
    left = [argument for argument in arguments if argument is not None]
    found = [option or (left.pop(0) if left else None) for option in options.values()]
    missing = [name for name, folder in zip(options, found, strict=True) if folder is None]
    if missing:
        raise typer.BadParameter(f"A folder is missing; give it with {' and '.join(missing)}, or without the option.")
    if left:
        raise typer.BadParameter(f"A folder is named twice: {left[0]}, and {', '.join(options)}.")
    return [folder for folder in found if folder is not None]
