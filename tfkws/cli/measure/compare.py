"""`tfkws compare`: why one profile is slower than another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfkws.cli.terminal.options import Json

if TYPE_CHECKING:
    from tfkws.profiling.explain.profile_comparison import Comparison


def compare(
    first: Annotated[Path, typer.Argument(help="A profile-*.json or layers-*.json of `tfkws profile`.")],
    second: Annotated[Path, typer.Argument(help="Another: of the same network, or of another under equal conditions.")],
    as_json: Json = False,
) -> None:
    """Explain a slow-down: which categories lose, operators below the roofline's knee, cost of calls against work.

    Example: tfkws compare layers-cpu-jax.json layers-gpu-jax.json
    """
    from tfkws.cli.terminal.output import print_json
    from tfkws.profiling.explain.profile_comparison import compare as compare_profiles
    from tfkws.run_folder import read_json

    result = compare_profiles(read_json(first), read_json(second))
    print_json(result.to_dict()) if as_json else _print(result)


def _print(result: "Comparison") -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_percent, format_us

    for name, facts in (("First", result.first), ("Second", result.second)):
        typer.echo(f"{name}: {facts.network}, {facts.kind}, {facts.number_type}; {facts.setting}; {facts.device}")
    rows = [
        (
            c.category, c.first_steps, c.second_steps, format_us(c.first_us), format_us(c.second_us),
            format_us(c.difference_us), format_percent(c.share), _rate(c.first_gmacs_per_s),
            _rate(c.second_gmacs_per_s),
        )
        for c in result.categories
    ]  # fmt: skip
    columns = ("category", "steps", "steps 2", "time", "time 2", "difference", "of it", "GMAC/s", "GMAC/s 2")
    print_table("Second against first, one inference", columns, rows, right=columns[1:])
    for sentence in result.sentences:
        typer.echo(sentence)


def _rate(gmacs_per_s: float) -> str:
    return f"{gmacs_per_s:.1f}" if gmacs_per_s else ""
