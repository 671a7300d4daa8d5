"""What the commands that measure share: options, names of rows, refusals, and the word on old spellings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from tfkws.errors import ConfigError

PROGRAM = "benchmark_model"

Kernels = Annotated[str, typer.Option(help="xnnpack or builtin.")]
Program = Annotated[
    Path | None,
    typer.Option("--binary", help=f"With --runtime {PROGRAM}: its path. Default: the one on PATH."),
]
OldProgram = Annotated[
    Path | None,
    typer.Option("--benchmark-binary", hidden=True, help=f"Old spelling of --runtime {PROGRAM} --binary PATH."),
]


def tell_new_spelling(old: str, new: str) -> None:
    """Say on stderr that a spelling goes with the next version."""
    typer.echo(f"`{old}` is now `{new}`; the old spelling goes with the next version.", err=True)


def program_of(runtime: str, program: Path | None, old: Path | None) -> tuple[str, Path | None]:
    """Return runtime and program, the old `--benchmark-binary` included.

    Raises:
        ConfigError: a program is given for another runtime.
    """
    if old is not None:
        tell_new_spelling("--benchmark-binary PATH", f"--runtime {PROGRAM} --binary PATH")
        return PROGRAM, old
    if program is not None and runtime != PROGRAM:
        raise ConfigError(f"--binary is for --runtime {PROGRAM}. Received --runtime {runtime}.")
    return runtime, program


def refuse(sentence: str, given: Mapping[str, object]) -> None:
    """Refuse options that were given; `sentence` ends before their names.

    Raises:
        ConfigError: one of them is not None.
    """
    foreign = [option for option, value in given.items() if value is not None]
    if foreign:
        raise ConfigError(f"{sentence} {', '.join(foreign)}.")


def names_of(models: Sequence[Path]) -> list[str]:
    """Return file names, or paths where names are the same."""
    names = [model.name for model in models]
    return names if len(set(names)) == len(names) else [str(model) for model in models]
