"""A search on real clips: what `tfkws search` runs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tfkws.config import FeatureConfig, ModelConfig, RunConfig, SearchConfig, TaskConfig, TrainConfig
from tfkws.run_folder import read_json
from tfkws.tuner.costs import known_costs
from tfkws.tuner.evaluate import TrainingEvaluator
from tfkws.tuner.objectives import get_objectives
from tfkws.tuner.planning import Plan, make_plan, measure_timing
from tfkws.tuner.problem import Problem
from tfkws.tuner.search import CONFIG, SearchResult, run_search
from tfkws.tuner.space import SearchSpace
from tfkws.tuner.status import SearchStatus

Watch = Callable[[SearchStatus], None]


def start_search(
    config: SearchConfig,
    space: SearchSpace,
    run: RunConfig,
    folder: Path,
    *,
    workers: int = 1,
    resume: bool = False,
    on_change: Watch | None = None,
) -> SearchResult:
    """Search on the clips that `run` names; see `tfkws.tuner.search.run_search`."""
    costs = known_costs(space, run.features.input_shape, len(run.labels))
    evaluate = TrainingEvaluator(run, space)
    return run_search(
        config,
        evaluate,
        folder,
        space=space,
        known_costs=costs,
        run=run,
        workers=workers,
        resume=resume,
        on_change=on_change,
    )


def resume_search(folder: Path, *, workers: int = 1, on_change: Watch | None = None) -> SearchResult:
    """Go on with the search of a folder, with the settings it was started with.

    Raises:
        RunFolderError: the folder holds no `config.json`.
    """
    stored = read_json(folder / CONFIG)
    config, space = SearchConfig.from_dict(stored["search"]), SearchSpace.from_dict(stored["space"])
    run = RunConfig.from_dict(stored["run"])
    return start_search(config, space, run, folder, workers=workers, resume=True, on_change=on_change)


def prepare_search_run(
    data_dir: Path, task: TaskConfig, features: FeatureConfig, space: SearchSpace, train: TrainConfig
) -> RunConfig:
    """Settle task, labels and normalised front end from the clips; the model is each candidate's own."""
    from tfkws.pipeline.runs import prepare_run

    run, _ = prepare_run(data_dir, task, features, ModelConfig(space.model), train)
    return run


def plan_search(
    config: SearchConfig, space: SearchSpace, run: RunConfig, hours: float, workers: int
) -> tuple[SearchConfig, Plan]:
    """Measure a few short trials and return (config, plan): the search that fits into `hours`."""
    costs = known_costs(space, run.features.input_shape, len(run.labels))
    problem = Problem(space, get_objectives(config.objectives), costs, config.limits)
    timing = measure_timing(TrainingEvaluator(run, space), problem, config.seed)
    plan = make_plan(hours * 3600, timing, workers)
    planned = replace(
        config,
        stages=plan.stages,
        iterations=plan.iterations,
        fine_tune_iterations=plan.fine_tune_iterations,
    )
    return planned, plan
