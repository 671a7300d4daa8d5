"""Commands that are imported when they are asked for: the help, and each command, load no more than they need."""

import copy
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import CodeType
from typing import Any, ClassVar

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class Late:
    """Where a command is defined: by a function of its name, which in the module of a group is the callback of `app`.

    Attributes:
        module: the module. Its `COMMAND` is the command's class where it has one of its own.
        panel: title above the command in the program's help.
    """

    module: str
    panel: str | None = None

    def load(self, name: str) -> Any:
        """Return the command, or the group of commands."""
        module = import_module(self.module)
        program = typer.Typer(add_completion=False)
        function = getattr(module, function_name(name))
        app = getattr(module, "app", None)
        if app is not None and app.registered_callback and app.registered_callback.callback is function:
            program.add_typer(app, name=name, rich_help_panel=self.panel)
        else:
            program.command(name, cls=getattr(module, "COMMAND", None), rich_help_panel=self.panel)(function)
        return typer.main.get_group(program).commands[name]

    def summarised(self, name: str) -> TyperCommand:
        """Return a command that can do no more than stand in the help."""
        return TyperCommand(name, help=docstring(self.module, function_name(name)), rich_help_panel=self.panel)


class LateCommands(Mapping[str, Any]):
    """The commands by name, each imported when it is first asked for."""

    def __init__(self, table: Mapping[str, Late]) -> None:
        self.table = table
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return a command.

        Raises:
            KeyError: there is none of this name.
        """
        if name not in self._loaded:
            self._loaded[name] = self.table[name].load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)


class LateGroup(TyperGroup):
    """A program of late commands."""

    table: ClassVar[Mapping[str, Late]]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings | {"commands": LateCommands(self.table)})

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the order of the table."""
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, which needs of a command no more than its documentation."""
        shown = copy.copy(self)
        shown.commands = {name: late.summarised(name) for name, late in self.table.items()}
        TyperGroup.format_help(shown, ctx, formatter)


def function_name(command: str) -> str:
    """Return the function's name.

    Example:
        >>> function_name("over-air")
        'over_air'
    """
    return command.replace("-", "_")


def docstring(module: str, function: str) -> str:
    """Return a function's docstring out of the module's compiled code, which does not run.

    Example:
        >>> docstring("tfkws.cli.terminal.late_commands", "function_name").splitlines()[0]
        "Return the function's name."
    """
    spec = find_spec(module)
    code: CodeType = spec.loader.get_code(module)  # type: ignore[union-attr]
    (found,) = [each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == function]
    first = found.co_consts[0] if found.co_consts else None
    return inspect.cleandoc(first) if isinstance(first, str) else ""
