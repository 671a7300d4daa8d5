"""`tfkws search`: find architectures that are accurate and cheap."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.terminal.options import Json, Protocol, Seed, TargetPython, Words
from tfkws.cli.terminal.progress import live_table
from tfkws.errors import SearchError

if TYPE_CHECKING:
    from tfkws.config import SearchConfig
    from tfkws.pipeline.parts.device_costs import DeviceCosts
    from tfkws.tuner.progress import SearchStatus
    from tfkws.views.table import Table

Limit = Annotated[float | None, typer.Option(help="Never try a candidate above this.")]
Objectives = Annotated[
    list[str],
    typer.Option(
        "--objective", help="latency or instructions, besides error and MACs; from --target, --latency-model."
    ),
]


def search(
    data: Annotated[Path | None, typer.Option("--data", help="Folder in the layout of Speech Commands.")] = None,
    task: Protocol = "wake-word",
    words: Words = "",
    space: Annotated[str, typer.Option(help="paper-table, matchboxnet, ..., or a JSON file.")] = "paper-table",
    stages: Annotated[str, typer.Option(help="Candidates of each stage; parameters freeze in between.")] = "300,500",
    iterations: Annotated[int, typer.Option(help="Optimiser steps of each candidate.")] = 8_000,
    fine_tune: Annotated[int, typer.Option(help="Optimiser steps of each front member at the end; 0: none.")] = 40_000,
    hours: Annotated[float | None, typer.Option(help="Plan stages, iterations and fine-tuning to fit.")] = None,
    objectives: Objectives = [],  # noqa: B006 (Typer copies it)
    target: Annotated[
        str, typer.Option(help="Measure each candidate there before it is trained; see `tfkws target list`.")
    ] = "",
    python: TargetPython = "",
    latency_model: Annotated[Path | None, typer.Option(help="Predict each candidate; from `tfkws target fit`.")] = None,
    quantize: Annotated[str, typer.Option(help="Conversion for --target; see `tfkws convert --help`.")] = "none",
    max_macs: Limit = None,
    max_params: Limit = None,
    max_latency: Annotated[float | None, typer.Option(help="In µs. Never train a candidate above this.")] = None,
    max_instructions: Annotated[float | None, typer.Option(help="Never train a candidate above this.")] = None,
    max_error: Annotated[
        float | None, typer.Option(help="Largest error after --iterations that is of interest, 0 to 1.")
    ] = None,
    strategy: Annotated[str, typer.Option(help="ours, tpe, nsga2, random.")] = "ours",
    freeze_support: Annotated[float, typer.Option(help="Share of the front that must agree to freeze.")] = 0.7,
    early_stopping: Annotated[bool, typer.Option(help="Stop candidates that can hardly reach the front.")] = True,
    warm_start: Annotated[bool, typer.Option("--warm-start", help="Begin with the weights of a similar one.")] = False,
    fine_tune_from: Annotated[str, typer.Option(help="scratch, or weights: the searched ones.")] = "scratch",
    lookahead: Annotated[int, typer.Option(help="Results a suggestion may lag behind; workers - 1 or more.")] = 3,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0, help="Trials at a time, each in a process of its own. Default: 1, or what --cluster has room for."
        ),
    ] = None,
    cluster: Annotated[str, typer.Option(help="Run trials on a Ray cluster: HOST:PORT of its head, or auto.")] = "",
    trial_cpus: Annotated[int, typer.Option(help="Cores of a trial on --cluster.")] = 1,
    trial_gpus: Annotated[float, typer.Option(help="Graphics processors of a trial on --cluster; 0.5: shared.")] = 0.0,
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
    from tfkws.pipeline.parts.device_costs import read_device_costs

    place = _place(workers, cluster, trial_cpus, trial_gpus)
    if status is None and resume:
        _resume(out, place)
    elif status is None:
        limited = max_latency is not None or max_instructions is not None
        costs, device = read_device_costs(objectives, target, latency_model, quantize, limited=limited, python=python)
        config = SearchConfig(
            space,
            _stage_counts(stages),
            iterations,
            fine_tune,
            strategy,
            objectives=("top1_error", "macs", *costs),
            max_macs=max_macs,
            max_params=max_params,
            max_latency_us=max_latency,
            max_instructions=max_instructions,
            predicted=device is not None and device.model is not None,
            max_error=max_error,
            freeze_support=freeze_support,
            early_stopping=early_stopping,
            warm_start=warm_start,
            fine_tune_from=fine_tune_from,  # type: ignore[arg-type]
            lookahead=lookahead,
            seed=seed,
        )
        _start(config, _required(data), (task, words, features, recipe), device, hours, place, out)
    _show(status or out, as_json)


def _start(
    config: "SearchConfig",
    data: Path,
    training: tuple[str, str, str, str],
    device: "DeviceCosts | None",
    hours: float | None,
    place: dict[str, Any],
    out: Path,
) -> None:
    from tfkws.cli.terminal.options import read_task
    from tfkws.cli.terminal.output import waiting
    from tfkws.features.front_ends import get_front_end
    from tfkws.pipeline.search import prepare_search_run, start_search
    from tfkws.training.recipes import get_recipe
    from tfkws.tuner.problem.built_in_spaces import load_space
    from tfkws.tuner.strategies.strategies import get_strategy

    task, words, features, recipe = training
    space, _ = load_space(config.space), get_strategy(config.strategy)
    with waiting("reading the clips"):
        train = get_recipe(recipe, seed=config.seed)
        run = prepare_search_run(data, read_task(task, words), get_front_end(features), space, train)
    if hours is not None:
        config = _planned(config, space, run, device, hours, place["workers"])
    with live_table(_front) as update:
        start_search(config, space, run, out, device=device, on_change=update, **place)


def _planned(
    config: "SearchConfig", space: Any, run: Any, device: "DeviceCosts | None", hours: float, workers: int
) -> "SearchConfig":
    from tfkws.cli.terminal.output import say, waiting
    from tfkws.pipeline.search import plan_search

    if not workers:
        raise SearchError("Planning for --hours on a --cluster needs --workers, the trials at a time to plan for.")
    with waiting("timing a few short trials"):
        planned, plan = plan_search(config, space, run, hours, workers, device)
    say(
        f"Planned for {hours:g} h: stages of {plan.stages[0]} and {plan.stages[1]} candidates with {plan.iterations} "
        f"iterations each, fine-tuning {plan.fine_tune_iterations or 'left out'}; about "
        f"{plan.expected_seconds / 3600:.2f} h without early stopping."
    )
    return planned


def _resume(out: Path, place: dict[str, Any]) -> None:
    from tfkws.pipeline.search import resume_search

    with live_table(_front) as update:
        resume_search(out, on_change=update, **place)


def _show(folder: Path, as_json: bool) -> None:
    """Print how far the search in `folder` is."""
    from tfkws.cli.terminal.output import show
    from tfkws.tuner.progress import read_status

    status = read_status(folder)
    show(status.to_dict(), [_front(status), str(folder)], as_json)


def _front(status: "SearchStatus") -> "Table":
    from tfkws.views.front import front_table

    return front_table(status.to_dict())


def _place(workers: int | None, cluster: str, trial_cpus: int, trial_gpus: float) -> dict[str, Any]:
    """Where trials run: the arguments `workers` and `cluster` of a search."""
    from tfkws.tuner.workers.ray_connection import Cluster

    if cluster:
        return {"workers": workers or 0, "cluster": Cluster(cluster, trial_cpus, trial_gpus)}
    if (trial_cpus, trial_gpus) != (1, 0):
        raise SearchError("--trial-cpus and --trial-gpus need --cluster; without it, trials share this machine evenly.")
    return {"workers": 1 if workers is None else workers, "cluster": None}


def _stage_counts(stages: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in stages.split(","))
    except ValueError:
        raise SearchError(f"--stages takes numbers of candidates such as 300,500. Received {stages!r}.") from None


def _required(data: Path | None) -> Path:
    if data is None:
        raise SearchError("A search needs --data, a folder of clips; --resume and --status do not.")
    return data
