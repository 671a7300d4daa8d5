"""`tfkws train`: train one network, once or with several seeds."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from tfkws.cli.terminal.arguments import renamed
from tfkws.cli.terminal.options import (
    MODELS,
    Data,
    FrontEnd,
    Json,
    Models,
    Protocol,
    Seed,
    TrainingRecipe,
    Words,
    checked_seed,
    read_task,
    read_variant,
)
from tfkws.config import ModelConfig
from tfkws.data.protocols import DEFAULT_PROTOCOL
from tfkws.features.front_ends import DEFAULT_FRONT_END, get_front_end
from tfkws.training.recipes import DEFAULT_RECIPE, distilled, get_recipe

COMMAND = renamed({"--out": "--models"})  # the option had another name


def train(
    data: Data,
    task: Protocol = DEFAULT_PROTOCOL,
    words: Words = [],  # noqa: B006
    model: Annotated[str, typer.Option(help="A name that `tfkws models list` prints.")] = "seed_cnn",
    convs: Annotated[str, typer.Option(help='Convolutions of seed_cnn: "3x3,40 1x1,20 ...".')] = "",
    settings: Annotated[list[str], typer.Option("--set", help="Another parameter of the model: name=value.")] = [],  # noqa: B006
    features: FrontEnd = DEFAULT_FRONT_END,
    recipe: TrainingRecipe = DEFAULT_RECIPE,
    iterations: Annotated[int | None, typer.Option(help="Optimiser steps, instead of the recipe's.")] = None,
    seeds: Annotated[
        int, typer.Option(help="Train this many runs, with seeds 0, 1, ...; reports mean and interval.")
    ] = 1,
    teacher: Annotated[
        Path | None, typer.Option(help="Model folder of a larger network to learn from besides (distillation).")
    ] = None,
    teacher_weight: Annotated[float, typer.Option(help="Share of the teacher in the loss, 0 to 1.")] = 0.5,
    seed: Seed = 0,
    models: Models = MODELS,
    tensorboard: Annotated[
        Path | None, typer.Option(help="Write each epoch to this folder for TensorBoard, one folder a run.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a network and score it on the validation and testing splits.

    Stopped runs go on from their last epoch, finished ones are not repeated.

    Example: tfkws train --data speech_commands --task commands --words yes,no --model kws10
    """
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.config.strict import Count, read
    from tfkws.data.clip_index import read_index
    from tfkws.data.protocols import labels_of
    from tfkws.pipeline.train import check_training, prepare_run, train_seeds
    from tfkws.training.kernels.setting import WORTH_STEPS, begun_kernels_set, faster_kernels_set
    from tfkws.training.kernels.step_timer import TrainingStep

    read(Count, seeds, "--seeds")
    checked_seed(seed + seeds - 1)
    chosen = ModelConfig(model, read_variant(convs, settings))
    trainings = [get_recipe(recipe, iterations=iterations, seed=s) for s in range(seed, seed + seeds)]
    if teacher is not None:
        trainings = [distilled(one, teacher, teacher_weight) for one in trainings]
    asked, front_end = read_task(task, words), get_front_end(features)
    read_index(data)
    progress = TerminalProgress(numbered=False)
    step = TrainingStep(chosen, front_end.input_shape, len(labels_of(asked)), trainings[0])
    steps = sum(one.iterations or WORTH_STEPS for one in trainings)
    with begun_kernels_set(models, asked, chosen, trainings), faster_kernels_set(step, steps, progress.say):
        check_training(asked, front_end, chosen, trainings[0], models)
        run, loaded = prepare_run(data, asked, front_end, chosen, trainings[0])
        results = train_seeds(run, trainings, loaded, models, progress, tensorboard)
    _show(results, as_json)


def _show(results: list[dict[str, Any]], as_json: bool) -> None:
    from tfkws.cli.terminal.output import say, show
    from tfkws.pipeline.train import summarise_seeds
    from tfkws.views.scores import scores_table
    from tfkws.views.training import seeds_table

    summary = summarise_seeds(results)
    several = len(results) > 1
    evaluations = [
        result[split] | ({"model": f"seed {result['seed']}"} if several else {})
        for result in results
        for split in ("validation", "testing")
    ]
    over_seeds = [seeds_table(summary)] if summary else []
    folders = [result["folder"] for result in results]
    show({"runs": results, "summary": summary}, [scores_table(evaluations), *over_seeds, *folders], as_json)
    say(f"Next: tfkws convert {shlex.quote(folders[0])} --quantize int8")
