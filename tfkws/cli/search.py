"""`tfkws search`: find architectures that are accurate and cheap."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.options import Json, Protocol, Seed, Words
from tfkws.errors import SearchError

if TYPE_CHECKING:
    from tfkws.config import SearchConfig

Limit = Annotated[float | None, typer.Option(help="Never try a candidate above this.")]


def search(
    data: Annotated[Path | None, typer.Option("--data", help="Folder in the layout of Speech Commands.")] = None,
    task: Protocol = "wake-word",
    words: Words = "",
    space: Annotated[str, typer.Option(help="paper-table, paper-text, ds-cnn, ..., or a JSON file.")] = "paper-table",
    stages: Annotated[str, typer.Option(help="Candidates of each stage; parameters freeze in between.")] = "300,500",
    iterations: Annotated[int, typer.Option(help="Optimiser steps of each candidate.")] = 8_000,
    fine_tune: Annotated[int, typer.Option(help="Optimiser steps of each front member at the end; 0: none.")] = 40_000,
    hours: Annotated[float | None, typer.Option(help="Plan stages, iterations and fine-tuning to fit.")] = None,
    max_macs: Limit = None,
    max_params: Limit = None,
    strategy: Annotated[str, typer.Option(help="ours, tpe, nsga2, random.")] = "ours",
    freeze_support: Annotated[float, typer.Option(help="Share of the front that must agree to freeze.")] = 0.7,
    early_stopping: Annotated[bool, typer.Option(help="Stop candidates that can hardly reach the front.")] = True,
    lookahead: Annotated[int, typer.Option(help="Results a suggestion may lag behind; workers - 1 or more.")] = 3,
    workers: Annotated[int, typer.Option(help="Trials at a time, each in a process of its own.")] = 1,
    features: Annotated[str, typer.Option(help="Front end; see `tfkws train --help`.")] = "mfcc-40x32",
    recipe: Annotated[str, typer.Option(help="Training recipe; see `tfkws train --help`.")] = "quick",
    seed: Seed = 0,
    out: Annotated[Path, typer.Option(help="Folder of the search.")] = Path("artifacts/search/latest"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the search in --out, by its settings.")] = False,
    status: Annotated[Path | None, typer.Option(help="Print how far the search in a folder is, and stop.")] = None,
    as_json: Json = False,
) -> None:
    """Search for networks that are accurate and need few multiply-accumulates, and print the Pareto front.

    A killed search goes on with --resume where it was, inside a training too.

    Example: tfkws search --data speech_commands --task commands --words yes,no --hours 2 --out artifacts/search/two
    """
    from tfkws.config import SearchConfig

    if status is None and resume:
        _resume(out, workers)
    elif status is None:
        limits = {"max_macs": max_macs, "max_params": max_params}
        behaviour = {"freeze_support": freeze_support, "early_stopping": early_stopping, "lookahead": lookahead}
        counts = _stage_counts(stages)
        config = SearchConfig(space, counts, iterations, fine_tune, strategy, **limits, **behaviour, seed=seed)  # type: ignore[arg-type]
        _start(config, _required(data), (task, words, features, recipe), hours, workers, out)
    _print(status or out, as_json)


def _start(
    config: "SearchConfig",
    data: Path,
    training: tuple[str, str, str, str],
    hours: float | None,
    workers: int,
    out: Path,
) -> None:
    from tfkws.cli.options import read_task
    from tfkws.cli.output import waiting
    from tfkws.features.front_ends import get_front_end
    from tfkws.pipeline.architecture_search import prepare_search_run, start_search
    from tfkws.training.recipes import get_recipe
    from tfkws.tuner.space import load_space
    from tfkws.tuner.suggest import get_strategy

    task, words, features, recipe = training
    space, _ = load_space(config.space), get_strategy(config.strategy)
    with waiting("reading the clips"):
        train = get_recipe(recipe, seed=config.seed)
        run = prepare_search_run(data, read_task(task, words), get_front_end(features), space, train)
    if hours is not None:
        config = _planned(config, space, run, hours, workers)
    with _live_table() as show:
        start_search(config, space, run, out, workers=workers, on_change=show)


def _planned(config: "SearchConfig", space: Any, run: Any, hours: float, workers: int) -> "SearchConfig":
    from tfkws.cli.output import say, waiting
    from tfkws.pipeline.architecture_search import plan_search

    with waiting("timing a few short trials"):
        planned, plan = plan_search(config, space, run, hours, workers)
    say(
        f"Planned for {hours:g} h: stages of {plan.stages[0]} and {plan.stages[1]} candidates with {plan.iterations} "
        f"iterations each, fine-tuning {plan.fine_tune_iterations or 'left out'}; about "
        f"{plan.expected_seconds / 3600:.2f} h without early stopping."
    )
    return planned


def _resume(out: Path, workers: int) -> None:
    from tfkws.pipeline.architecture_search import resume_search

    with _live_table() as show:
        resume_search(out, workers=workers, on_change=show)


@contextmanager
def _live_table() -> Iterator[Any]:
    """Show the state of a search on stderr; yields what to call with each new state."""
    from rich.console import Console
    from rich.live import Live

    with Live(console=Console(stderr=True), auto_refresh=False, vertical_overflow="crop") as live:
        yield lambda state: live.update(front_table(state), refresh=True)


def front_table(state: Any) -> Any:
    """A Rich table of the front, with trials, hypervolume and time left as its title."""
    from rich.table import Table

    table = Table(title=headline(state), title_justify="left", header_style="bold")
    for column in ("trial", "TOP-1 error", "MACs", "parameters", "network"):
        table.add_column(column, justify="left" if column == "network" else "right", overflow="fold")
    for member in state.members:
        table.add_row(*_cells(member))
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


def _cells(member: dict[str, Any]) -> tuple[str, ...]:
    from tfkws.units import format_count

    error, deviation = 100 * member["top1_error"], 100 * member["standard_error"]
    network = " ".join(f"{value}" for value in {**member["variant"], **member["training"]}.values())
    counts = format_count(member["macs"]), format_count(member["param_count"])
    return str(member["number"]), f"{error:.1f} ± {deviation:.1f} %", *counts, network


def _print(folder: Path, as_json: bool) -> None:
    from rich.console import Console

    from tfkws.cli.output import print_json
    from tfkws.tuner.status import read_status

    state = read_status(folder)
    if as_json:
        print_json(state.to_dict())
        return
    Console().print(front_table(state))
    typer.echo(str(folder))


def _stage_counts(stages: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in stages.split(","))
    except ValueError:
        raise SearchError(f"--stages takes numbers of candidates such as 300,500. Received {stages!r}.") from None


def _required(data: Path | None) -> Path:
    if data is None:
        raise SearchError("A search needs --data, a folder of clips; --resume and --status do not.")
    return data
