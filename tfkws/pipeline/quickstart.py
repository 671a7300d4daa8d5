"""From speech to a profiled int8 model and a report, every stage resumable.

Small on purpose: it shows the whole path in minutes. Its search looks at a handful of candidates, so its front says
how a search works, not which network is best.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfkws.config import ModelConfig, RunConfig, SearchConfig, TaskConfig, TrainConfig
from tfkws.errors import SearchError
from tfkws.pipeline.parts.progress import News, NoNews
from tfkws.pipeline.train import evaluate_trained, run_on, train_model
from tfkws.units import format_count, format_interval, format_percent, format_us

if TYPE_CHECKING:
    from tfkws.data.task_data import TaskData
    from tfkws.training.model_folder import ModelFolder

SMALL_SEED = "4x10,16 3x3,16 3x3,16 3x3,16 3x3,16 3x3,16"  # the seed's shape with a sixth of its filters
SMALL_CHOICES = (("k", (1, 3, 5)), ("m", (5, 10, 20)))  # kernel size and filters of each unit


@dataclass(frozen=True)
class Quickstart:
    """What quickstart does; the defaults take less than six minutes on two cores.

    Attributes:
        out: folder of all results.
        data: folder in Speech Commands' layout; None synthesises speech into `out`.
        word: the wake word.
        seed_iterations, trial_iterations, winner_iterations: optimiser steps of the three kinds of training.
        candidates: of the search.
        max_macs: candidates above are never drawn.
    """

    out: Path
    data: Path | None = None
    word: str = "sheila"
    seed: int = 0
    seed_iterations: int = 150
    trial_iterations: int = 100
    winner_iterations: int = 300
    candidates: int = 6
    max_macs: float = 5e6


def run_quickstart(plan: Quickstart, news: News | None = None) -> Path:
    """Run every stage that is not done yet; return the path of the report."""
    news = news or NoNews()
    speech = find_speech(plan, news)
    task, data = load_speech(plan, speech, news)
    features = show_features(data, plan.out, news)
    small = ModelConfig("seed_cnn", {"convs": SMALL_SEED})
    seed_run = run_on(data, speech, task, features, small, _recipe(plan, plan.seed_iterations))
    news.stage("Train the seed network, small")
    train_and_score(seed_run, data, plan.out / "seed", news)
    winner_variant = search(plan, seed_run, news)
    winner_run = replace(
        seed_run, model=ModelConfig("seed_cnn", winner_variant), train=_recipe(plan, plan.winner_iterations)
    )
    news.stage("Train the search's winner for longer")
    winner = train_and_score(winner_run, data, plan.out / "winner", news)
    convert_and_bundle(winner, data, news)
    measure(winner, news)
    return report(plan.out, news)


def find_speech(plan: Quickstart, news: News) -> Path:
    """The folder of clips, synthesised if none was given."""
    if plan.data is not None:
        return plan.data
    from tfkws.data.prepare.synthesize import SynthesisSettings, synthesize

    news.stage("Synthesise speech")
    folder = plan.out / "speech"
    with news.bar("synthesise") as advance:
        done = synthesize(folder, SynthesisSettings(seed=plan.seed), lambda n, total: advance(n, total, ""))
    news.say(f"{done.clips} clips of synthetic speech in {folder}, {done.written} of them new")
    return folder


def load_speech(plan: Quickstart, speech: Path, news: News) -> tuple[TaskConfig, "TaskData"]:
    """Index, split and decode the clips of the wake-word task."""
    from tfkws.data.protocols import make_task
    from tfkws.data.task_data import load_task

    news.stage("Index, split by speaker, decode")
    task = make_task("wake-word", (plan.word,), plan.seed)
    with news.bar("decode") as advance:
        data = load_task(speech, task, progress=lambda n, total: advance(n, total, ""))
    counts = ", ".join(f"{len(clips.labels)} {split}" for split, clips in data.splits.items())
    skipped = f"; {len(data.manifest.skipped)} unusable clips left out" if data.manifest.skipped else ""
    news.say(f"{counts} clips of {_kind(data)}{skipped}")
    return task, data


def show_features(data: "TaskData", out: Path, news: News) -> Any:
    """Compute the features of both papers, keep pictures' data for the report, return paper B's front end."""
    import time

    import numpy as np

    from tfkws.features.front_ends import get_front_end
    from tfkws.features.numpy_front_end import extract
    from tfkws.run_folder import write_json

    news.stage("Features of both papers")
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
        news.say(f"{name} (paper {paper}): {picture.shape[0]} x {picture.shape[1]}, {format_us(per_clip)} a clip")
    write_json(out / "features.json", shown)
    return get_front_end("mfcc-40x32")


def train_and_score(run: RunConfig, data: "TaskData", folder: Path, news: News) -> "ModelFolder":
    """Train and evaluate one network, under a progress bar."""
    with news.bar(f"train {folder.name}") as advance:
        last = {"note": ""}

        def note(row: Any) -> None:
            last["note"] = f"validation {format_percent(row.validation_accuracy)}"

        trained = train_model(run, data, folder, lambda n, total, loss: advance(n, total, last["note"]), note)
    testing = evaluate_trained(trained, data)["testing"]
    news.say(f"testing F1 {format_percent(testing['f1'])} {format_interval(testing['f1_interval'])}, {_kind(data)}")
    return trained


def search(plan: Quickstart, seed_run: RunConfig, news: News) -> dict[str, Any]:
    """Search a handful of candidates with the keras-tuner oracle; return the winner's variant."""
    from tfkws.tuner.evaluate import TrainingEvaluator
    from tfkws.tuner.problem.known_costs import known_costs
    from tfkws.tuner.search import run_search

    news.stage("Search: two objectives, Pareto front")
    config = SearchConfig(
        space="quickstart",
        stages=(plan.candidates,),
        iterations=plan.trial_iterations,
        fine_tune_iterations=0,
        max_macs=plan.max_macs,
        early_stopping=False,  # trials this short have no curve to judge by
        seed=plan.seed,
    )
    space = small_space()
    costs = known_costs(space, seed_run.features.input_shape, len(seed_run.labels))
    run = replace(seed_run, train=_recipe(plan, plan.trial_iterations))
    with news.bar("search") as advance:

        def show(status: Any) -> None:
            advance(status.finished, status.planned, f"front of {len(status.members)}")

        result = run_search(
            config, TrainingEvaluator(run, space), plan.out / "search", space=space, known_costs=costs, run=run,
            resume=True, on_change=show,
        )  # fmt: skip
    if not result.front:
        raise SearchError(f"No candidate of the search could be trained; {plan.out / 'search'} says why.")
    for record in result.front:
        metrics = record.metrics
        accuracy, macs = format_percent(1 - metrics["top1_error"]), format_count(metrics["macs"])
        speech = "synthetic speech" if seed_run.synthetic_speech else "recorded speech"
        convs = space.model_variant(record.values)["convs"]
        news.say(f"front: {macs} MACs, validation {accuracy} ({speech}), {convs}")
    return space.model_variant(choose(result.front).values)


def small_space() -> Any:
    """Paper B's table space with few filters, so that a candidate trains in seconds."""
    from tfkws.tuner.problem.space import Param, SearchSpace

    params = [Param(f"conv{i}_{what}", choices) for i in range(1, 7) for what, choices in SMALL_CHOICES]
    params[0] = Param("conv1_k", (3, 5))  # a strided 1 x 1 kernel crashes TensorFlow 2.17 where oneDNN is on
    convs = " ".join(f"{{conv{i}_k}}x{{conv{i}_k}},{{conv{i}_m}}" for i in range(1, 7))
    return SearchSpace("quickstart", "seed_cnn", tuple(params), {"convs": convs})


def choose(front: list[Any]) -> Any:
    """The cheapest member whose error is within one standard error of the best (Breiman's one-standard-error rule)."""
    best = min(front, key=lambda record: record.metrics["top1_error"])
    allowed = best.metrics["top1_error"] + best.metrics["standard_error"]
    return min((r for r in front if r.metrics["top1_error"] <= allowed), key=lambda record: record.metrics["macs"])


def convert_and_bundle(winner: "ModelFolder", data: "TaskData", news: News) -> None:
    """Convert to full int8, judge it on the test clips, and pack the bundle."""
    from tfkws.pipeline.bundle import bundle_folder
    from tfkws.pipeline.convert import convert_folder
    from tfkws.pipeline.evaluate import evaluate, save
    from tfkws.pipeline.parts.converted_files import converted_files
    from tfkws.pipeline.parts.detector import open_detector

    news.stage("Convert to int8, compare with Keras, bundle")
    for recipe in ("none", "int8"):
        if not converted_files(winner.path, recipe).model.exists():
            convert_folder(winner, recipe, data=data, on_stage=news.say)
    detector = open_detector(converted_files(winner.path, "int8").model)
    for split in ("validation", "testing"):
        evaluation, probabilities = evaluate(detector, data, winner.config.task, split)
        save(detector, evaluation, data.splits[split], probabilities)
    scores = evaluation.scores
    news.say(f"int8: testing F1 {format_percent(scores.f1)} {format_interval(scores.f1_interval)}, {_kind(data)}")
    if not list(winner.path.glob("*.kws")):
        news.say(f"bundle {bundle_folder(winner)}")


def measure(winner: "ModelFolder", news: News) -> None:
    """Time the float and the int8 file in turns, and profile the int8 file operator by operator."""
    from tfkws.pipeline.profile_operators import profile_and_save
    from tfkws.run_folder import write_json
    from tfkws.tflite.benchmark.latency import BenchmarkSettings, benchmark_all, result_name

    news.stage("Benchmark and profile on this CPU through LiteRT")
    models, settings = [winner.path / "none.tflite", winner.path / "int8.tflite"], BenchmarkSettings()
    written = [winner.path / result_name(model, settings) for model in models]
    if not all(path.exists() for path in written):
        for path, result in zip(written, benchmark_all(models, settings), strict=True):
            low, high = map(format_us, result.latency.median_interval_us)
            news.say(f"{result.model}: median {format_us(result.latency.median_us)} [{low}, {high}], one thread")
            write_json(path, result.to_dict())
    if not (winner.path / "profile-int8.json").exists():
        profile = profile_and_save(models[1])
        slowest = max(profile.rows, key=lambda row: row.time_us)
        news.say(f"slowest operator: {slowest.name} ({slowest.opcode}), {format_percent(slowest.share)} of the time")


def report(out: Path, news: News) -> Path:
    """Write the report of everything under `out`."""
    from tfkws.pipeline.report import write_report

    news.stage("Report")
    return write_report(out, out / "report")


def _recipe(plan: Quickstart, iterations: int) -> TrainConfig:
    from tfkws.training.recipes import get_recipe

    return get_recipe("quick", iterations=iterations, seed=plan.seed)


def _kind(data: "TaskData") -> str:
    return "synthetic speech" if data.synthetic else "recorded speech"
