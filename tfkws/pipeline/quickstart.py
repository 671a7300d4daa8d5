"""From speech to a profiled int8 model and a report, every stage resumable.

Small on purpose: it shows the whole path in minutes. Its search looks at a handful of candidates, so its front says
how a search works, not which network is best.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tfkws import units
from tfkws.config import (
    BenchmarkSettings,
    ModelConfig,
    RunConfig,
    SearchConfig,
    SynthesisSettings,
    TaskConfig,
    TrainConfig,
)
from tfkws.config.quickstart import Quickstart
from tfkws.data.prepare.synthesize import synthesize
from tfkws.data.protocols import make_task
from tfkws.data.task_data import TaskData, load_task
from tfkws.errors import SearchError
from tfkws.features.front_ends import get_front_end
from tfkws.features.numpy_front_end import extract
from tfkws.pipeline.benchmark import benchmark_models, result_path
from tfkws.pipeline.bundle import bundle_folder
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.evaluate import evaluate, save
from tfkws.pipeline.parts.conversion_files import conversion_files
from tfkws.pipeline.parts.detector import open_detector
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.pipeline.profile.operators import profile_operators
from tfkws.pipeline.report import write_report
from tfkws.pipeline.train import evaluate_trained, run_on, train_model
from tfkws.result_files import ResultName
from tfkws.run_folder import write_json
from tfkws.training.kernels.setting import faster_kernels_set
from tfkws.training.kernels.step_timer import TrainingStep
from tfkws.training.model_folder import ModelFolder
from tfkws.training.recipes import get_recipe
from tfkws.tuner.problem.space import Param, SearchSpace
from tfkws.tuner.records.trials import TrialRecord
from tfkws.units import format_count, format_interval, format_percent, format_us

SMALL_SEED = "4x10,16 3x3,16 3x3,16 3x3,16 3x3,16 3x3,16"  # the seed's shape with a sixth of its filters
SMALL_CHOICES = (("k", (1, 3, 5)), ("m", (5, 10, 20)))  # kernel size and filters of each unit


def run_quickstart(plan: Quickstart, progress: StageProgress = SILENT) -> Path:
    """Run every stage that is not done yet; return the path of the report.

    Raises:
        TfkwsError: a stage cannot go on; the same plan goes on from there later.
    """
    speech = find_speech(plan, progress)
    task, data = load_speech(plan, speech, progress)
    features = show_features(data, plan.out, progress)
    small = ModelConfig("seed_cnn", {"convs": SMALL_SEED})
    seed_run = run_on(data, speech, task, features, small, _recipe(plan, plan.seed_iterations))
    step = TrainingStep(small, features.input_shape, len(data.labels), seed_run.train)
    steps = plan.seed_iterations + plan.candidates * plan.trial_iterations + plan.winner_iterations
    with faster_kernels_set(step, steps, progress.say):
        return train_and_convert(plan, seed_run, data, progress)


def train_and_convert(plan: Quickstart, seed_run: RunConfig, data: TaskData, progress: StageProgress) -> Path:
    """Run the stages from the first training to the report; return its path.

    Raises:
        TfkwsError: a stage cannot go on.
    """
    progress.stage("Train the seed network, small")
    train_and_say(seed_run, data, plan.out / "seed", progress)
    winner_variant = search(plan, seed_run, progress)
    winner_run = replace(
        seed_run, model=ModelConfig("seed_cnn", winner_variant), train=_recipe(plan, plan.winner_iterations)
    )
    progress.stage("Train the search's winner for longer")
    winner = train_and_say(winner_run, data, plan.out / "winner", progress)
    convert_and_bundle(winner, data, progress)
    measure(winner, progress)
    return report(plan.out, progress)


def find_speech(plan: Quickstart, progress: StageProgress) -> Path:
    """Return the folder of clips, synthesised if none was given.

    Raises:
        SynthesisError: the speech synthesiser failed.
    """
    if plan.data is not None:
        return plan.data
    progress.stage("Synthesise speech")
    folder = plan.out / "speech"
    with progress.bar("synthesise") as advance:
        done = synthesize(folder, SynthesisSettings(seed=plan.seed), lambda n, total: advance(n, total, ""))
    progress.say(f"{done.clips} clips of synthetic speech in {folder}, {done.written} of them new")
    return folder


def load_speech(plan: Quickstart, speech: Path, progress: StageProgress) -> tuple[TaskConfig, TaskData]:
    """Index, split and decode the clips of the wake-word task.

    Raises:
        DataError: the folder holds no clips that the task can use.
    """
    progress.stage("Index, split by speaker, decode")
    task = make_task("wake-word", (plan.word,), plan.seed)
    with progress.bar("decode") as advance:
        data = load_task(speech, task, progress=lambda n, total: advance(n, total, ""))
    counts = ", ".join(f"{len(clips.labels)} {split}" for split, clips in data.splits.items())
    skipped = f"; {len(data.manifest.skipped)} unusable clips left out" if data.manifest.skipped else ""
    progress.say(f"{counts} clips of {_kind(data)}{skipped}")
    return task, data


def show_features(data: TaskData, out: Path, progress: StageProgress) -> Any:
    """Compute the features of both papers and keep one clip's maps in `features.json` for the report.

    The time of extraction is measured in µs a clip.

    Returns:
        Paper B's front end, a `FeatureConfig`.
    """
    progress.stage("Features of both papers")
    clips = data.splits["testing"]
    word = int(np.flatnonzero(clips.labels == 1)[0])
    shown = []
    for name, paper in (("mfcc-40x32", "B"), ("logmel-32x32", "A")):
        config, audio = get_front_end(name), clips.audio[:200]
        start = time.perf_counter()
        extract(audio, config)
        per_clip = 1e6 * (time.perf_counter() - start) / len(audio)
        picture = extract(clips.audio[word], config)
        shown.append(
            {"name": name, "paper": paper, "us_per_clip": per_clip, "clip": clips.files[word], "map": picture.tolist()}
        )
        progress.say(f"{name} (paper {paper}): {picture.shape[0]} x {picture.shape[1]}, {format_us(per_clip)} a clip")
    write_json(out / "features.json", shown)
    return get_front_end("mfcc-40x32")


def train_and_say(run: RunConfig, data: TaskData, folder: Path, progress: StageProgress) -> ModelFolder:
    """Train and evaluate one network, and say its F1 on the testing split in percent."""
    trained = train_model(run, data, folder, progress, title=f"train {folder.name}")
    testing = evaluate_trained(trained, data)["testing"]
    progress.say(f"testing F1 {format_percent(testing['f1'])} {format_interval(testing['f1_interval'])}, {_kind(data)}")
    return trained


def search(plan: Quickstart, seed_run: RunConfig, progress: StageProgress) -> dict[str, Any]:
    """Search a handful of candidates, say what the front is, and return the winner's variant.

    Raises:
        SearchError: no candidate could be trained.
    """
    progress.stage("Search: two objectives, Pareto front")
    space = small_space()
    front = search_front(plan, seed_run, space, progress)
    if not front:
        raise SearchError(f"No candidate of the search could be trained; {plan.out / 'search'} says why.")
    for record in front:
        progress.say(front_line(record, space, seed_run.synthetic_speech))
    return space.model_variant(choose(front).values)


def search_front(
    plan: Quickstart, seed_run: RunConfig, space: SearchSpace, progress: StageProgress
) -> Sequence[TrialRecord]:
    """Run the search, or what is left of it, and return its front."""
    from tfkws.pipeline.search import settled, start_search, usual_workers  # takes seconds, since it loads Keras

    config = SearchConfig(
        space="quickstart",
        stages=(plan.candidates,),
        iterations=plan.trial_iterations,
        fine_tune_iterations=0,
        max_macs=plan.max_macs,
        early_stopping=False,  # trials this short have no curve to judge by
        looks=1,
        seed=plan.seed,
    )
    workers = min(usual_workers(), config.lookahead + 1)
    config = settled(config, plan.out / "search", workers, lookahead=True, looks=True)
    run = replace(seed_run, train=_recipe(plan, plan.trial_iterations))
    with progress.bar("search") as advance:

        def show(status: Any) -> None:
            advance(status.finished, status.planned, f"front of {len(status.members)}")

        return start_search(config, space, run, plan.out / "search", workers=workers, on_change=show).front


def front_line(record: TrialRecord, space: SearchSpace, synthetic: bool) -> str:
    """Say what one member of the front is and scores, with its MACs."""
    accuracy = format_percent(1 - record.metrics["top1_error"])
    macs = format_count(record.metrics["macs"])
    convs = space.model_variant(record.values)["convs"]
    return f"front: {macs} MACs, validation {accuracy} ({units.speech(synthetic)}), {convs}"


def small_space() -> SearchSpace:
    """Return paper B's table space with few filters, so that a candidate trains in seconds."""
    params = [Param(f"conv{i}_{what}", choices) for i in range(1, 7) for what, choices in SMALL_CHOICES]
    convs = " ".join(f"{{conv{i}_k}}x{{conv{i}_k}},{{conv{i}_m}}" for i in range(1, 7))
    return SearchSpace("quickstart", "seed_cnn", tuple(params), {"convs": convs})


def choose(front: Sequence[Any]) -> Any:
    """Return the member with the fewest MACs within one standard error of the best one's error.

    Source: the one-standard-error rule of Breiman, Friedman, Olshen and Stone, "Classification and Regression
    Trees", 1984.

    Args:
        front: records with the metrics "top1_error" (0..1), "standard_error" and "macs"; at least one.
    """
    best = min(front, key=lambda record: record.metrics["top1_error"])
    allowed = best.metrics["top1_error"] + best.metrics["standard_error"]
    return min((r for r in front if r.metrics["top1_error"] <= allowed), key=lambda record: record.metrics["macs"])


def convert_and_bundle(winner: ModelFolder, data: TaskData, progress: StageProgress) -> None:
    """Convert to full int8, judge it on the test clips, and pack the bundle."""
    progress.stage("Convert to int8, compare with Keras, bundle")
    for recipe in ("none", "int8"):
        if not conversion_files(winner.path, recipe).model.exists():
            convert_folder(winner, recipe, data=data, progress=progress)
    detector = open_detector(conversion_files(winner.path, "int8").model)
    for split in ("validation", "testing"):
        evaluation, probabilities = evaluate(detector, data, winner.config.task, split)
        save(detector, evaluation, data.splits[split], probabilities)
    scores = evaluation.scores
    progress.say(f"int8: testing F1 {format_percent(scores.f1)} {format_interval(scores.f1_interval)}, {_kind(data)}")
    if not list(winner.path.glob("*.kws")):
        progress.say(f"bundle {bundle_folder(winner)}")


def measure(winner: ModelFolder, progress: StageProgress) -> None:
    """Time the float and the int8 file in turns, and profile the int8 file operator by operator."""
    progress.stage("Benchmark and profile on this CPU through LiteRT")
    models = [winner.path / ResultName("model", stem).file for stem in ("none", "int8")]
    settings = BenchmarkSettings()
    if not all(result_path(model, settings).exists() for model in models):
        for result in benchmark_models(models, settings):
            low, high = map(format_us, result.latency.median_interval_us)
            progress.say(f"{result.model}: median {format_us(result.latency.median_us)} [{low}, {high}], one thread")
    if not (winner.path / ResultName("profile", "int8").file).exists():
        profile = profile_operators(models[1])
        slowest = max(profile.rows, key=lambda row: row.time_us)
        progress.say(
            f"slowest operator: {slowest.name} ({slowest.opcode}), {format_percent(slowest.share)} of the time"
        )


def report(out: Path, progress: StageProgress) -> Path:
    """Write the report of everything under `out`."""
    progress.stage("Report")
    return write_report(out, out / "report")


def _recipe(plan: Quickstart, iterations: int) -> TrainConfig:
    return get_recipe("quick", iterations=iterations, seed=plan.seed)


def _kind(data: TaskData) -> str:
    return units.speech(data.synthetic)
