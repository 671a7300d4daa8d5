"""The commands on a page are understood by the command line, and say what the records say."""

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
import typer.main
from long_audio_scores import made_up_score

from tfkws.cli import app
from tfkws.config import Compression, ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.config.training import AugmentConfig
from tfkws.data.protocols import make_task
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline.train import run_name
from tfkws.report.build import PAGE, compose_report
from tfkws.report.collect import ModelResults, SearchResults, read_model
from tfkws.report.commands import (
    benchmark_commands,
    conversion_commands,
    count_commands,
    evaluation_commands,
    layers_command,
    long_audio_command,
    operators_command,
    program_commands,
    search_command,
    training_command,
)
from tfkws.report.page import Command
from tfkws.training.recipes import distilled, fine_tuning, get_recipe

PUBLISHED = Path(__file__).parents[3] / "artifacts" / "published"
FOLDER = Path("some models") / "run"
TRAINED = RunConfig(
    make_task("commands", ("yes", "no")),
    FRONT_ENDS["mfcc-49x10"],
    ModelConfig("kws10"),
    get_recipe("quick"),
    ("yes", "no", "_unknown_", "_silence_"),
    "my clips",
    False,
)


def parsed(command: Command) -> dict[str, Any]:
    """What the command line makes of a line; it fails where an option is not known."""
    words = [word for word in shlex.split(command.line) if not word.startswith("KERAS_BACKEND=")]
    assert words.pop(0) == "tfkws"
    place: Any = typer.main.get_command(app)
    while commands := getattr(place, "commands", None):
        place = commands[words.pop(0)]
    return dict(place.make_context("", words).params)


def model(run: RunConfig | None = None, **records: dict[str, dict[str, Any]]) -> ModelResults:
    return ModelResults(FOLDER, run.to_dict() if run else {}, None, None, [], **records)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "run",
    [
        TRAINED,
        replace(TRAINED, train=get_recipe("best", iterations=700, seed=3)),
        replace(TRAINED, model=ModelConfig("seed_cnn", {"convs": "3x3,40 1x1,20", "strides": [1, 2]})),
        replace(TRAINED, train=distilled(get_recipe("quick"), Path("/big"), 0.25)),
        replace(TRAINED, task=make_task("wake-word", ("hey you",)), labels=("_other_", "hey you")),
    ],
)
def test_the_command_of_a_training_is_that_run_again(run: RunConfig) -> None:
    (command,) = training_command(model(run))
    given = parsed(command)
    assert given["models"] == FOLDER.parent and given["data"] == Path(run.data_dir)
    train = get_recipe(given["recipe"], iterations=given["iterations"], seed=given["seed"])
    if given["teacher"]:
        train = distilled(train, given["teacher"], given["teacher_weight"])
    variant: dict[str, Any] = {"convs": given["convs"]} if given["convs"] else {}
    variant |= {name: json.loads(value) for name, _, value in (each.partition("=") for each in given["settings"])}
    task = make_task(given["task"], tuple(given["words"][0].split(",")))
    again = replace(
        run, task=task, features=FRONT_ENDS[given["features"]], model=ModelConfig(given["model"], variant), train=train
    )
    assert run_name(again) == run_name(run)


def test_what_no_option_gives_has_no_command() -> None:
    for run in (
        replace(TRAINED, train=TrainConfig(recipe="mine")),
        replace(TRAINED, train=replace(get_recipe("quick"), augment=AugmentConfig(shift_ms=7.0))),
        replace(TRAINED, task=TaskConfig("commands", ("yes", "no"), seed=5)),
        replace(TRAINED, features=replace(TRAINED.features, name="own")),
    ):
        assert list(training_command(model(run))) == []
    assert list(training_command(model())) == []


@pytest.mark.parametrize("plan", [Compression(quantization_aware=True), Compression(prune_macs=0.4, iterations=90)])
def test_the_command_of_a_compression_names_its_source(plan: Compression) -> None:
    from tfkws.config import CompressConfig

    method: Literal["pruned", "quantization-aware"] = "pruned" if plan.prune_macs else "quantization-aware"
    made = CompressConfig(method, "big", "0" * 64, plan.prune_macs, plan.importance if plan.prune_macs else "")
    run = replace(TRAINED, compressed=made, train=fine_tuning(method, TRAINED.train, plan.iterations, plan.seed))
    (command,) = training_command(model(run))
    given = parsed(command)
    assert given["model"] == FOLDER.parent / "big"
    assert [given[name] for name in ("prune_macs", "quantization_aware", "iterations")] == [
        plan.prune_macs, plan.quantization_aware, plan.iterations,
    ]  # fmt: skip


def test_measurements_name_what_differs_from_the_usual() -> None:
    timed = {"model": "int8.tflite", "threads": 2, "kernels": "builtin", "runs": 300, "target": "ssh://pi@board"}
    (command,) = benchmark_commands(model(benchmarks={"int8": timed | {"input_shapes": {"x": [1, 49, 10]}}}))
    assert command.line == (
        "tfkws benchmark 'some models/run/int8.tflite' --threads 2 --kernels builtin --target ssh://pi@board "
        "--shape x=1,49,10"
    )
    (usual,) = benchmark_commands(model(benchmarks={"int8": {"model": "int8.tflite", "threads": 1, "runs": 300}}))
    assert usual.line == "tfkws benchmark 'some models/run/int8.tflite'"
    (program,) = program_commands(model(binaries={"int8": {"model": "int8.tflite"}}))
    assert parsed(program)["runtime"] == "benchmark_model"
    core = {"model": "a.tflite", "target": "qemu-aarch64:cortex-a76", "operators": [{"index": 0}], "repeats": 9}
    (count,) = count_commands(model(instructions={"a": core}))
    assert (parsed(count)["operators"], parsed(count)["target"]) == (True, "qemu-aarch64:cortex-a76")
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"method": "profiler"}, {"method": "profiler", "runtime": "litert"}),
        ({"method": "submodels", "runs": 50}, {"method": "submodels", "runs": 50}),
        ({"method": "prefixes", "runtime": "litert-gpu"}, {"method": "profiler", "runtime": "litert-gpu"}),
        ({"method": "benchmark_model"}, {"runtime": "benchmark_model"}),
    ]
    for record, option in cases:
        given = parsed(operators_command(model(), {"model": "a.tflite", **record}))
        assert {name: given[name] for name in option} == option


def test_layers_conversions_evaluations_and_long_audio() -> None:
    layers = layers_command(model(), {"backend": "jax", "device": "cpu", "mode": "eager", "trials": 3, "busy_us": []})
    assert layers.line.startswith("KERAS_BACKEND=jax tfkws profile layers 'some models/run' --mode eager")
    assert (parsed(layers)["trials"], parsed(layers)["how"]) == (3, "trace")
    recipe = {"name": "int8", "ranges": "percentile", "equalise": True, "correct_bias": False, "keep_float": ["a", "b"]}
    records = {"recipe": recipe, "calibration": {"seed": 0, "clips": 50}}
    parity = {"remedies": ["percentile ranges"], "gate_points": 1.0}
    (made,) = conversion_commands(model(recipes={"int8-audio": records}, parities={"int8-audio": parity}))
    given = parsed(made)
    assert [given[name] for name in ("quantize", "input_kind", "ranges", "equalise", "correct_bias")] == [
        "int8", "audio", "percentile", True, False,
    ]  # fmt: skip
    assert (given["calibrate"], given["gate"], list(given["keep_float"])) == (50, 1.0, ["a,b"])
    evaluated = {"model": "int8.tflite", "form": "tflite", "split": "validation"}
    (scored,) = evaluation_commands(model(evaluations={"int8": evaluated}))
    assert parsed(scored)["split"] == "validation" and parsed(scored)["model"] == FOLDER / "int8.tflite"
    heard = parsed(long_audio_command(model(), made_up_score() | {"files": [{"name": "hour-000.flac"}]}))
    assert (heard["audio"], heard["false_accepts_per_hour"]) == ([Path("hour-000.flac")], 1.5)


@pytest.mark.parametrize("name", ["paper-joint", "matchboxnet"])
def test_the_command_of_a_search_has_its_settings(name: str) -> None:
    folder = PUBLISHED / "search" / name
    config = json.loads((folder / "config.json").read_text())
    (command,) = search_command(SearchResults(folder, config, {}, [], []))
    given = parsed(command)
    assert given["stages"] == [",".join(map(str, config["search"]["stages"]))]
    assert {key: given[key] for key in ("space", "iterations", "max_macs", "max_error", "strategy", "seed")} == {
        key: config["search"][key] for key in ("space", "iterations", "max_macs", "max_error", "strategy", "seed")
    }
    assert given["fine_tune"] == config["search"]["fine_tune_iterations"]
    assert (given["features"], given["out"]) == (config["run"]["features"]["name"], folder)


def test_every_section_of_a_page_ends_with_its_command() -> None:
    report = compose_report(PUBLISHED / "first_run")
    page, text = report.texts[PAGE], report.texts["report.md"]
    lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    starts = ["tfkws evaluate", "tfkws train", "tfkws convert", "tfkws benchmark", "tfkws profile operators"]
    assert all(any(line.startswith(start) for line in lines) for start in starts)
    assert page.count("Made by <code>") == len(lines)
    for line in lines:
        parsed(Command(line))
    results = read_model(PUBLISHED / "first_run")
    (train,) = training_command(results)
    assert f"    {train.line}" in text


def test_a_name_of_a_stranger_stays_one_word_and_is_escaped() -> None:
    (command,) = benchmark_commands(model(benchmarks={"a": {"model": "a`b; rm -rf \x1b.tflite"}}))
    words = shlex.split(command.line)
    assert len(words) == 3 and "\x1b" not in command.line
