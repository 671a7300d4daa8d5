"""What the commands that measure share: options, names of rows, refusals."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.arguments import tell_new_spelling
from tfkws.config.measurement import BENCHMARK_MODEL
from tfkws.errors import ConfigError

DEFAULT = "DEFAULT"  # the name of Click's source of a parameter that was not given

Program = Annotated[
    Path | None,
    typer.Option("--binary", help=f"With --runtime {BENCHMARK_MODEL}: its path. Default: the one on PATH."),
]
OldProgram = Annotated[
    Path | None,
    typer.Option("--benchmark-binary", hidden=True, help=f"Old spelling of --runtime {BENCHMARK_MODEL} --binary PATH."),
]
Shapes = Annotated[
    list[str] | None,
    typer.Option("--shape", help="Shape of an input, such as 1,49,40; NAME=1,49,40 where there are several inputs."),
]


def program_of(runtime: str, program: Path | None, old: Path | None) -> tuple[str, Path | None]:
    """Return runtime and program, the old `--benchmark-binary` included.

    Raises:
        ConfigError: a program is given for another runtime.
    """
    if old is not None:
        tell_new_spelling("--benchmark-binary PATH", f"--runtime {BENCHMARK_MODEL} --binary PATH")
        return BENCHMARK_MODEL, old
    if program is not None and runtime != BENCHMARK_MODEL:
        raise ConfigError(f"--binary is for --runtime {BENCHMARK_MODEL}. Received --runtime {runtime}.")
    return runtime, program


def refuse(context: typer.Context, sentence: str, *names: str) -> None:
    """Refuse options that were given; `sentence` ends before their spellings.

    Args:
        names: of the command's parameters.

    Raises:
        ConfigError: one of them was given.
    """
    spelled = {option.name: option.opts[0] for option in context.command.params}
    given = [spelled[name] for name in names if is_given(context, name)]
    if given:
        raise ConfigError(f"{sentence} {', '.join(given)}.")


def is_given(context: typer.Context, name: str) -> bool:
    """Return whether a parameter of the command was given, even as its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != DEFAULT


def names_of(models: Sequence[Path]) -> list[str]:
    """Return file names, or paths where names are the same."""
    names = [model.name for model in models]
    return names if len(set(names)) == len(names) else [str(model) for model in models]
