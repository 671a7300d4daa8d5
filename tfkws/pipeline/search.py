"""The stage of `tfkws search`: search on real clips, with costs on a device where they are asked for."""

from collections.abc import Callable, Container, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfkws.config import (
    ARENA_KIB,
    FILE_KIB,
    FeatureConfig,
    ModelConfig,
    RunConfig,
    SearchConfig,
    TaskConfig,
    TrainConfig,
)
from tfkws.config.conversion import RunsOn
from tfkws.errors import ConfigError, RunFolderError, SearchError
from tfkws.pipeline.parts.device_costs import (
    DeviceCosts,
    MeasureOnTarget,
    check_limits_told,
    check_target,
    counts_instructions,
)
from tfkws.pipeline.parts.footprints import FootprintOf, measure_footprint, measure_on_micro, metadata_allowance
from tfkws.pipeline.parts.predicted_costs import predicted_costs
from tfkws.pipeline.train import prepare_run
from tfkws.run_folder import read_record
from tfkws.tflite.latency_model.model import LatencyModel
from tfkws.training.kernels.setting import WORTH_STEPS, trial_kernels_set
from tfkws.training.kernels.step_timer import TrainingStep
from tfkws.tuner.evaluate import CURVE_POINTS, MeasureDevice, TrainingEvaluator
from tfkws.tuner.planning import Plan, plan_within
from tfkws.tuner.problem.footprint_costs import footprint_costs, micro_arena_costs
from tfkws.tuner.problem.known_costs import known_costs
from tfkws.tuner.problem.problem import KnownCost, Problem
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.progress import SearchStatus
from tfkws.tuner.records.trials import Values
from tfkws.tuner.search import SearchResult, check_workers, run_search, search_problem
from tfkws.tuner.search_folder import CONFIG, check_out, settings_before
from tfkws.tuner.strategies.candidates import within_limits
from tfkws.tuner.strategies.strategies import get_strategy
from tfkws.tuner.trial_timing import Tell
from tfkws.tuner.workers.ray_connection import Cluster
from tfkws.tuner.workers.room import room_here

FEWEST_CLASSES = 2
LOOKS = 2  # of a new search: replays (`benchmarks/search/stopping.py`) save nearly as much as with six, which cost more
KERNELS = "kernels.json"  # in the folder of a search, whose trials all have the same
Watch = Callable[[SearchStatus], None]


def start_search(
    config: SearchConfig,
    space: SearchSpace,
    run: RunConfig,
    folder: Path,
    *,
    device: DeviceCosts | None = None,
    workers: int = 1,
    cluster: Cluster | None = None,
    on_change: Watch | None = None,
    majority_error: float | None = None,
) -> SearchResult:
    """Search on the clips that `run` names; see `tfkws.tuner.search.run_search`.

    Args:
        device: where latency or instructions come from, if they are an objective or limited.
        majority_error: 0..1, of always answering the commonest class of the validation split.

    Raises:
        TfkwsError: the target cannot be shared by so many workers, or as `run_search`.
    """
    if device is not None and device.target:
        check_target(device.target, 1 if cluster else workers)
        _check_same_everywhere(device.target, cluster)
    # A node of a cluster works in another directory than this process.
    trained = replace(run, data_dir=str(Path(run.data_dir).absolute())) if cluster else run
    with _kernels(config, space, run, workers, cluster, folder):
        return run_search(
            config,
            candidate_evaluator(trained, space, device, config.limits, config.looks, config.runs_on),
            folder,
            space=space,
            known_costs=candidate_costs(space, run, device, config.limits, config.runs_on),
            run=run,
            device=device,
            workers=workers,
            cluster=cluster,
            on_change=on_change,
            majority_error=majority_error,
        )


def _kernels(
    config: SearchConfig, space: SearchSpace, run: RunConfig, workers: int, cluster: Cluster | None, folder: Path
) -> AbstractContextManager[None]:
    """Let trials on this machine take the kernels that are faster for a typical candidate."""
    if cluster is not None:
        return nullcontext()
    check_out(folder, config, space)  # what holds something else must not be written into
    folder.mkdir(parents=True, exist_ok=True)
    steps = sum(config.stages) * config.iterations
    return trial_kernels_set(typical_step(space, run), steps, workers, folder / KERNELS)


def typical_step(space: SearchSpace, run: RunConfig) -> TrainingStep:
    """Return the training step of what a search tries first, or else of the middle of all its parameters."""
    middle = {param.name: param.choices[len(param.choices) // 2] for param in space.params}
    variant = space.model_variant(space.start[0] if space.start else middle)
    return TrainingStep(ModelConfig(space.model, dict(variant)), run.features.input_shape, len(run.labels), run.train)


def _check_same_everywhere(target: str, cluster: Cluster | None) -> None:
    """Refuse a target whose answer depends on the node that asks, or that several nodes would ask at a time.

    Raises:
        ConfigError: it is one.
    """
    if cluster is not None and not counts_instructions(target):
        raise ConfigError(
            "The nodes of a cluster would measure different machines, or one at the same time: use --latency-model, or "
            f"an emulated --target. Received {target!r}."
        )


def candidate_evaluator(
    run: RunConfig,
    space: SearchSpace,
    device: DeviceCosts | None,
    limits: Container[str] = (),
    looks: int | None = None,
    runs_on: RunsOn | None = None,
) -> TrainingEvaluator:
    """Return what trains a candidate, and measures it on a target where there is one.

    Its file is measured where `limits` names one on that, or it runs on TensorFlow Lite Micro.

    Args:
        looks: validations of each training; None for as many as a `TrainingEvaluator` takes by itself.
    """
    measure: MeasureDevice | None = None
    if device is not None and device.target:
        measure = MeasureOnTarget(device.target, device.python, device.recipe)
    if _limits_file(limits) or runs_on == "micro":
        measure = FootprintOf(metadata_allowance(run, space), measure, runs_on == "micro")
    return TrainingEvaluator(run, space, measure, looks or CURVE_POINTS)


def _limits_file(limits: Container[str]) -> bool:
    return FILE_KIB in limits or ARENA_KIB in limits


def candidate_costs(
    space: SearchSpace,
    run: RunConfig,
    device: DeviceCosts | None,
    limits: Container[str] = (),
    runs_on: RunsOn | None = None,
) -> Mapping[str, KnownCost]:
    """Return what is known of a candidate before training.

    It is MACs, parameters, what a latency model predicts (µs or instructions), and KiB of its int8 file and arena where
    `limits` names them, or it runs on TensorFlow Lite Micro.
    """
    task = (run.features.input_shape, len(run.labels))
    costs = known_costs(space, *task)
    if device is not None and device.model is not None:
        costs |= predicted_costs(LatencyModel.from_dict(device.model), space, *task)
    if _limits_file(limits):
        costs |= footprint_costs(space, *task, measure_footprint, metadata_allowance(run, space))
    if runs_on == "micro":
        costs |= micro_arena_costs(space, *task, measure_on_micro)
    return costs


def resume_search(
    folder: Path, *, workers: int | None = None, cluster: Cluster | None = None, on_change: Watch | None = None
) -> SearchResult:
    """Go on with the search of a folder, with the settings it was started with.

    Args:
        workers: trials at a time; None for what the machine or the cluster has room for and the lookahead allows.

    Raises:
        RunFolderError: the folder holds no `config.json`.
    """
    stored = read_record(folder / CONFIG)
    if not {"search", "space", "run"} <= stored.keys():
        raise RunFolderError(f"{folder} holds something else than a search; give the folder of one.")
    config, space = SearchConfig.from_dict(stored["search"]), SearchSpace.from_dict(stored["space"])
    run = RunConfig.from_dict(stored["run"])
    device = DeviceCosts.from_dict(stored["device"]) if stored.get("device") else None
    if workers is None:
        workers = 0 if cluster else min(usual_workers(device), config.lookahead + 1)
    return start_search(
        config,
        space,
        run,
        folder,
        device=device,
        workers=workers,
        cluster=cluster,
        on_change=on_change,
    )


def usual_workers(device: DeviceCosts | None = None) -> int:
    """Return the trials at a time where none are asked for, an int: as many as this machine has room for.

    One, where each candidate is timed on a target, which others would disturb.
    """
    measured = device is not None and device.target and not counts_instructions(device.target)
    return 1 if measured else room_here()


def settled(config: SearchConfig, folder: Path, workers: int, *, lookahead: bool, looks: bool) -> SearchConfig:
    """Return settings in which what is not given is as the search in a folder has it, or as a new one takes it.

    Args:
        workers: trials at a time, an int, which a new search's lookahead allows.
        lookahead, looks: whether these are to be settled.
    """
    there = settings_before(folder)
    new = replace(config, lookahead=max(config.lookahead, workers - 1), looks=config.looks or LOOKS)
    source = there or new
    return replace(
        config,
        lookahead=source.lookahead if lookahead else config.lookahead,
        looks=source.looks if looks else config.looks,
    )


def check_search(
    config: SearchConfig,
    space: SearchSpace,
    features: FeatureConfig,
    folder: Path,
    workers: int,
    device: DeviceCosts | None,
) -> None:
    """Check what can be checked of a search before the clips are read.

    Raises:
        TfkwsError: no such strategy or model, networks of the space that cannot be built, limits that not even the
            smallest holds, workers that the target or the lookahead does not allow, or a folder that cannot be used.
    """
    check_out(folder, config, space)
    get_strategy(config.strategy)
    check_limits_told(config.limits, device)
    check_workers(workers, config.lookahead)
    if device is not None and device.target:
        check_target(device.target, workers)
    task = (features.input_shape, FEWEST_CLASSES)
    costs = known_costs(space, *task)
    if _limits_file(config.limits):
        costs |= footprint_costs(space, *task, measure_footprint)
    if config.runs_on == "micro":
        costs |= micro_arena_costs(space, *task, measure_on_micro)
    problem = search_problem(config, space, costs)
    first, last = ({param.name: param.choices[i] for param in space.params} for i in (0, -1))
    for values in (first, last, *space.start):
        _check_network(space, values, problem, features.input_shape)
    within_limits(first, problem, np.random.default_rng(config.seed))


def _check_network(space: SearchSpace, values: Values, problem: Problem, input_shape: tuple[int, int, int]) -> None:
    """Build and count a candidate.

    Raises:
        TfkwsError: it cannot be built.
    """
    from tfkws.models import build_model

    variant = space.model_variant(values)
    try:
        build_model(space.model, input_shape, FEWEST_CLASSES, **variant)
        problem.feasible(values)
    except (TypeError, AttributeError, KeyError) as error:  # a value of a type that the family does not expect
        raise SearchError(f"{space.model} cannot be built with {variant} of space {space.name}: {error}.") from None


def prepare_search_run(
    data_dir: Path, task: TaskConfig, features: FeatureConfig, space: SearchSpace, train: TrainConfig
) -> RunConfig:
    """Find out task, labels and normalised front end from the clips; the model is each candidate's own.

    Raises:
        DataError: the folder holds no clips that the task can use.
    """
    return prepare_search(data_dir, task, features, space, train)[0]


def prepare_search(
    data_dir: Path, task: TaskConfig, features: FeatureConfig, space: SearchSpace, train: TrainConfig
) -> tuple[RunConfig, float]:
    """Return `prepare_search_run`, and the error 0..1 of always answering the commonest class of the validation split.

    Raises:
        DataError: the folder holds no clips that the task can use.
    """
    run, data = prepare_run(data_dir, task, features, ModelConfig(space.model), train)
    labels = np.asarray(data.splits["validation"].labels)
    return run, 1 - float(np.bincount(labels).max() / len(labels))


def plan_search(
    config: SearchConfig,
    space: SearchSpace,
    run: RunConfig,
    hours: float,
    workers: int,
    device: DeviceCosts | None = None,
    tell: Tell = lambda sentence: None,
) -> tuple[SearchConfig, Plan]:
    """Measure a few short trials and return (config, plan): the search that fits into `hours`.

    Args:
        hours: float, of wall clock.
        workers: trials at a time.
        tell: called with a sentence on each trial that was timed.

    Raises:
        SearchError: so few hours are not enough.
    """
    costs = candidate_costs(space, run, device, config.limits, config.runs_on)
    problem = search_problem(config, space, costs)
    evaluator = candidate_evaluator(run, space, device, config.limits, config.looks, config.runs_on)
    with trial_kernels_set(typical_step(space, run), WORTH_STEPS, workers):
        plan = plan_within(hours * 3600, evaluator, problem, config.seed, workers, tell)
    planned = replace(
        config,
        stages=plan.stages,
        iterations=plan.iterations,
        fine_tune_iterations=plan.fine_tune_iterations,
    )
    return planned, plan
