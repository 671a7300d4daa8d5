"""`tfkws search`: find architectures that are accurate and cheap."""

import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfkws.cli.measure.options import refuse
from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import (
    CONVERSION_NAMES,
    FrontEnd,
    Json,
    Protocol,
    TargetPython,
    TrainingRecipe,
    Words,
    read_task,
)
from tfkws.cli.terminal.output import say, waiting
from tfkws.cli.terminal.progress import live_table
from tfkws.config import FeatureConfig, RunConfig, SearchConfig, TaskConfig, TrainConfig, TrialPlace
from tfkws.config.strict import require
from tfkws.data.protocols import DEFAULT_PROTOCOL
from tfkws.errors import SearchError
from tfkws.features.front_ends import DEFAULT_FRONT_END, get_front_end
from tfkws.tflite.recipes import PLAIN
from tfkws.training.recipes import DEFAULT_RECIPE, get_recipe
from tfkws.tuner.problem.built_in_spaces import SPACES, load_space
from tfkws.tuner.problem.space import SearchSpace

if TYPE_CHECKING:
    from tfkws.pipeline.parts.device_costs import DeviceCosts
    from tfkws.tuner.progress import SearchStatus
    from tfkws.tuner.workers.ray_connection import Cluster
    from tfkws.views.table import Table

# Titles in the command's help, beside Typer's own.
LENGTH = "How long"
TRAININGS = "How candidates are trained"
LIMITS = "Limits of candidates"
PROPOSALS = "What is proposed"
COSTS = "Measured and predicted costs"
PLACE = "Where trials run"

Objectives = Annotated[
    list[str],
    typer.Option(
        "--objective",
        rich_help_panel=COSTS,
        help="latency, instructions or latency@gpu, besides error and MACs; from --target, --latency-model.",
    ),
]


@dataclass(frozen=True)
class Training:
    """What candidates are trained for and how.

    Attributes:
        data: folder of the clips.
        task: what is recognised.
        features: the front end, not yet normalised.
        recipe: how each candidate is trained; its length is the search's.
    """

    data: Path
    task: TaskConfig
    features: FeatureConfig
    recipe: TrainConfig


def read_stages(text: str) -> tuple[int, ...]:
    """Read the candidates of each stage: (300, 500) of "300,500".

    Raises:
        SearchError: a part is no number.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise SearchError(f"--stages takes numbers of candidates such as 300,500. Received {text!r}.") from None


@options_of(
    SearchConfig,
    but=("objectives", "predicted"),
    named={"fine_tune_iterations": "fine_tune", "max_latency_us": "max_latency"},
    read={"stages": read_stages},
    spelled={"runs_on": ("--for",)},
    helps={
        "space": f"{', '.join(SPACES)}, or a JSON file.",
        "max_kib": "KiB of the int8 file; never draw a candidate above this.",
        "max_arena_kib": "KiB of memory for activations, with --for micro of all its arena; never draw one above this.",
        "max_p95_us": "95th percentile in µs, of --target. Never train a candidate above this.",
        "max_latency_us": "In µs. Never train a candidate above this.",
        "max_instructions": "Never train a candidate above this.",
    },
    panels={
        LENGTH: ("stages", "iterations", "fine_tune_iterations", "fine_tune_from"),
        TRAININGS: ("early_stopping", "looks", "warm_start"),
        LIMITS: ("max_macs", "max_params", "max_latency_us", "max_instructions", "max_error", "runs_on"),
        PROPOSALS: ("space", "strategy", "freeze_support", "lookahead", "seed"),
    },
)
@options_of(TrialPlace, panels={PLACE: tuple(field.name for field in fields(TrialPlace))})
def search(
    context: typer.Context,
    config: SearchConfig,
    place: TrialPlace,
    data: Annotated[Path | None, typer.Option("--data", help="Folder in the layout of Speech Commands.")] = None,
    task: Protocol = DEFAULT_PROTOCOL,
    words: Words = [],  # noqa: B006
    hours: Annotated[
        float | None, typer.Option(help="Plan stages, iterations and fine-tuning to fit.", rich_help_panel=LENGTH)
    ] = None,
    objectives: Objectives = [],  # noqa: B006 (Typer copies it)
    target: Annotated[
        str,
        typer.Option(
            help="Measure each candidate there before it is trained; see `tfkws target list`; or gpu.",
            rich_help_panel=COSTS,
        ),
    ] = "",
    python: TargetPython = "",
    latency_model: Annotated[
        Path | None, typer.Option(help="Predict each candidate; from `tfkws target fit`.", rich_help_panel=COSTS)
    ] = None,
    quantize: Annotated[
        str, typer.Option(help=f"Conversion for --target: {CONVERSION_NAMES}.", rich_help_panel=COSTS)
    ] = PLAIN,
    features: FrontEnd = DEFAULT_FRONT_END,
    recipe: TrainingRecipe = DEFAULT_RECIPE,
    out: Annotated[Path, typer.Option(help="Folder of the search.")] = Path("artifacts/search/latest"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the search in --out, by its settings.")] = False,
    status: Annotated[Path | None, typer.Option(help="Print how far the search in a folder is, and stop.")] = None,
    as_json: Json = False,
) -> None:
    """Search for networks that are accurate and need few multiply-accumulates, and print the Pareto front.

    Where it was stopped, the same command goes on, inside a training too; so does --resume with --out alone.

    Example: tfkws search --data speech_commands --task commands --words yes,no --hours 2 --out artifacts/search/two
    """
    if status is not None:
        _refuse_all_but(context, "--status only prints; leave out", "status", "as_json")
        _show(status, as_json)
        return
    cluster = _cluster(place)
    if resume:
        known = "--resume goes on by the settings that the search began with; leave out"
        _refuse_all_but(context, known, "resume", "out", "as_json", *(field.name for field in fields(TrialPlace)))
        _resume(out, place, cluster)
    else:
        from tfkws.pipeline.parts.device_costs import read_device_costs

        on_device = (config.max_latency_us, config.max_p95_us, config.max_instructions)
        limited = any(limit is not None for limit in on_device)
        costs, device = read_device_costs(objectives, target, latency_model, quantize, limited=limited, python=python)
        predicted = device is not None and device.model is not None
        config = replace(config, objectives=(*config.objectives, *costs), predicted=predicted)
        train = get_recipe(recipe, seed=config.seed)
        training = Training(_required(data), read_task(task, words), get_front_end(features), train)
        config, workers = _settled(context, config, place, device, out)
        _start(config, training, device, hours, workers, cluster, out)
    _show(out, as_json)


def _refuse_all_but(context: typer.Context, sentence: str, *allowed: str) -> None:
    """Refuse the options that would be ignored; `sentence` ends before their spellings."""
    refuse(context, sentence, *(str(option.name) for option in context.command.params if option.name not in allowed))


def _start(
    config: SearchConfig,
    training: Training,
    device: "DeviceCosts | None",
    hours: float | None,
    workers: int,
    cluster: "Cluster | None",
    out: Path,
) -> None:
    from tfkws.pipeline.search import check_search, prepare_search, start_search
    from tfkws.tuner.planning import check_budget
    from tfkws.tuner.search_folder import planned_before

    began = time.monotonic()
    space = load_space(config.space)
    kept = planned_before(out, config) if hours is not None else None
    config = kept or config
    check_search(config, space, training.features, out, workers, device)
    if hours is not None:
        check_budget(3600 * hours)
        require(workers > 0, "Planning for --hours on a --cluster needs --workers, the trials at a time to plan for.")
    with waiting("reading the clips"):
        run, majority = prepare_search(training.data, training.task, training.features, space, training.recipe)
    if hours is not None and kept is None:
        config = _planned(config, space, run, device, hours - (time.monotonic() - began) / 3600, workers)
    with live_table(_front, _line) as update:
        start_search(
            config,
            space,
            run,
            out,
            device=device,
            workers=workers,
            cluster=cluster,
            on_change=update,
            majority_error=majority,
        )


def _settled(
    context: typer.Context, config: SearchConfig, place: TrialPlace, device: "DeviceCosts | None", out: Path
) -> tuple[SearchConfig, int]:
    """Return settings and trials at a time; what is not asked for is as in the search that goes on, or fits here.

    Without --workers all cores are used, and a new search's lookahead allows them; on a cluster 0 is what it has room
    for.
    """
    from tfkws.pipeline.search import settled, usual_workers

    here = place.workers is None and not place.cluster
    workers = usual_workers(device) if here else place.workers or 0
    source = context.get_parameter_source("lookahead")
    lookahead = source is not None and source.name == "DEFAULT"
    config = settled(config, out, workers if here else 0, lookahead=lookahead, looks=config.looks is None)
    return config, min(workers, config.lookahead + 1) if here else workers


def _planned(
    config: SearchConfig,
    space: SearchSpace,
    run: RunConfig,
    device: "DeviceCosts | None",
    hours: float,
    workers: int,
) -> SearchConfig:
    from tfkws.pipeline.search import plan_search

    with waiting("timing a few short trials"):
        planned, plan = plan_search(config, space, run, hours, workers, device, say)
    say(
        f"Planned for {hours:.3g} h: stages of {plan.stages[0]} and {plan.stages[1]} candidates with {plan.iterations} "
        f"iterations each, fine-tuning {plan.fine_tune_iterations or 'left out'}; about "
        f"{plan.expected_seconds / 3600:.2f} h without early stopping."
    )
    return planned


def _resume(out: Path, place: TrialPlace, cluster: "Cluster | None") -> None:
    from tfkws.pipeline.search import resume_search

    with live_table(_front, _line) as update:
        resume_search(out, on_change=update, workers=place.workers, cluster=cluster)


def _show(folder: Path, as_json: bool) -> None:
    """Print how far the search in `folder` is."""
    from tfkws.cli.terminal.output import show
    from tfkws.tuner.progress import read_status
    from tfkws.views.front import next_step

    status = read_status(folder)
    show(status.to_dict(), [_front(status), next_step(status.to_dict(), str(folder))], as_json)


def _front(status: "SearchStatus") -> "Table":
    from tfkws.views.front import front_table

    return front_table(status.to_dict())


def _line(status: "SearchStatus") -> str:
    from tfkws.views.front import finished_sentence

    return finished_sentence(status.to_dict())


def _cluster(place: TrialPlace) -> "Cluster | None":
    if not place.cluster:
        return None
    from tfkws.tuner.workers.ray_connection import Cluster

    return Cluster(place.cluster, place.trial_cpus, place.trial_gpus)


def _required(data: Path | None) -> Path:
    if data is None:
        raise SearchError("A search needs --data, a folder of clips; --resume and --status do not.")
    return data
