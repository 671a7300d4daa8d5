"""How `tfkws search` shows a search: a table of its front, live or once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer


@contextmanager
def live_table() -> Iterator[Any]:
    """Show the state of a search on stderr; yields what to call with each new state."""
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False, vertical_overflow="crop") as live:
        yield lambda state: live.update(front_table(state), refresh=True)


def front_table(state: Any) -> Any:
    """A Rich table of the front, with trials, hypervolume and time left as its title."""
    from rich.table import Table

    table = Table(title=headline(state), title_justify="left", header_style="bold")
    costs = state.objectives[2:]
    for column in ("trial", "TOP-1 error", "MACs", "parameters", *map(_cost_title, costs), "network"):
        table.add_column(column, justify="left" if column == "network" else "right", overflow="fold")
    for member in state.members:
        table.add_row(*_cells(member, costs))
    return table


def headline(state: Any) -> str:
    """How far a search is, in a line."""
    left = "" if state.seconds_left is None else f", about {state.seconds_left / 60:.0f} min left"
    left = left if state.finished < state.planned else ""
    kind = "Fine-tuned front" if state.fine_tuned else "Front"
    return (
        f"{kind} of {len(state.members)} after {state.finished} of {state.planned} trials "
        f"({state.running} running, {state.stopped} stopped early, {state.infeasible} infeasible); "
        f"hypervolume {state.hypervolume:.4f}{left}"
    )


def _cost_title(name: str) -> str:
    """Header of a further objective: "predicted_latency_us" is "predicted latency"."""
    return name.removesuffix("_us").replace("_", " ")


def _cells(member: dict[str, Any], costs: Sequence[str]) -> tuple[str, ...]:
    from tfkws.units import format_count, format_us

    error, deviation = 100 * member["top1_error"], 100 * member["standard_error"]
    counts = format_count(member["macs"]), format_count(member["param_count"])
    further = [(format_us if name.endswith("_us") else format_count)(member[name]) for name in costs]
    number = str(member["number"])
    if member.get("started_from") is not None:
        number += f" (from {member['started_from']})"
    return number, f"{error:.1f} ± {deviation:.1f} %", *counts, *further, str(member["network"])


def print_search(folder: Path, as_json: bool) -> None:
    """Print how far the search in `folder` is: its front as a table, or everything as JSON."""
    from rich.console import Console

    from tfkws.cli.terminal.output import print_json
    from tfkws.tuner.progress import read_status

    state = read_status(folder)
    if as_json:
        print_json(state.to_dict())
        return
    Console().print(front_table(state))
    typer.echo(str(folder))
