"""The command that makes each section of a page anew, from the settings that its records keep.

Only options that differ from their defaults stand in it. What was made from code, or by settings that no option gives,
has none.
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from tfkws.config import (
    BenchmarkSettings,
    CompressConfig,
    CountSettings,
    LayerSettings,
    OperatorSettings,
    RunConfig,
    SearchConfig,
)
from tfkws.config.conversion import ConversionSettings
from tfkws.config.hearing.over_air import CountingConfig
from tfkws.config.strict import Config
from tfkws.data.protocols import make_task
from tfkws.errors import TfkwsError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.printable import printable
from tfkws.report.collect import ModelResults, SearchResults
from tfkws.report.page import Command
from tfkws.training.recipes import FINE_TUNING, get_recipe
from tfkws.views.table import Record

MODELS = Path("artifacts/models")  # where `tfkws train` and `compress` put models
ON_GPU = ("litert-gpu", "litert-gpu-half")
OTHER_NAMES = {"fine_tune_iterations": "fine-tune", "max_latency_us": "max-latency"}
NO_OPTION = {"warmup_runs", "warmup_passes", "seconds", "objectives", "predicted", "repeats", "compared_outputs"}


def training_command(model: ModelResults) -> Iterator[Command]:
    """Yield the command of a training or a compression, if it was one's."""
    try:
        run = RunConfig.from_dict(model.config)
        words = _compression(model, run, run.compressed) if run.compressed else _training(run)
    except (TfkwsError, LookupError, TypeError, ValueError):
        return
    parent = model.folder.parent
    if words:
        yield _command(*words, *(() if parent == MODELS else ("--models", parent)))


def _training(run: RunConfig) -> tuple[Any, ...]:
    recipe, seed = run.train.recipe, run.train.seed
    plain = get_recipe(recipe, seed=seed)
    iterations = run.train.iterations
    if (plain.iterations, plain.epochs) != (iterations, run.train.epochs):
        plain = get_recipe(recipe, iterations=iterations, seed=seed)
    taught = {"teacher": run.train.teacher, "distillation_weight": run.train.distillation_weight}
    teacher = ("--teacher", run.train.teacher, "--teacher-weight", run.train.distillation_weight)
    known = plain.to_dict() | (taught if run.train.teacher else {}) == run.train.to_dict()
    if not known or make_task(run.task.protocol, run.task.words) != run.task or run.features.name not in FRONT_ENDS:
        return ()
    length = () if iterations == get_recipe(recipe).iterations else ("--iterations", iterations)
    return (
        "train", *_clips(run), "--model", run.model.name, *_variant(run.model.variant), "--features",
        run.features.name, "--recipe", recipe, *length, *(("--seed", seed) if seed else ()),
        *(teacher if run.train.teacher else ()),
    )  # fmt: skip


def _compression(model: ModelResults, run: RunConfig, made: CompressConfig) -> tuple[Any, ...]:
    source = model.folder.parent / made.source
    how = ("--quantization-aware",) if made.method == "quantization-aware" else ("--prune-macs", made.prune_macs)
    ranked = ("--importance", made.importance) if made.importance not in ("", "taylor") else ()
    length = run.train.iterations
    iterations = () if length == FINE_TUNING[made.method].iterations else ("--iterations", length)
    return ("compress", source, *how, *ranked, *iterations, *(("--seed", run.train.seed) if run.train.seed else ()))


def _clips(run: RunConfig) -> tuple[Any, ...]:
    words = ("--words", ",".join(run.task.words)) if run.task.words else ()
    return ("--data", run.data_dir, "--task", run.task.protocol, *words)


def _variant(variant: Mapping[str, Any]) -> Iterator[str]:
    for name, value in variant.items():
        yield from ("--convs", value) if name == "convs" else ("--set", f"{name}={json.dumps(value)}")


def evaluation_commands(model: ModelResults) -> Iterator[Command]:
    """Yield the command of each evaluation; on the clips that the model was trained on."""
    for record in model.evaluations.values():
        file = model.folder if record.get("form") == "keras" else model.folder / str(record.get("model"))
        gpu = record.get("on_gpu")
        runtime = ("--runtime", gpu["runtime"]) if isinstance(gpu, dict) and "runtime" in gpu else ()
        yield _command("evaluate", file, "--split", record.get("split"), *runtime)


def conversion_commands(model: ModelResults) -> Iterator[Command]:
    """Yield the command of each conversion."""
    for stem, record in model.recipes.items():
        recipe, parity = record.get("recipe", {}), model.parities.get(stem, {})
        name = str(recipe.get("name"))
        kind = {"-audio": ("--input-kind", "audio"), "-streaming": ("--streaming",)}.get(stem.removeprefix(name), ())
        drawn = record.get("calibration") or {}
        usual: dict[str, Any] = {
            "calibrate": ConversionSettings.calibration_clips,
            "seed": ConversionSettings.seed,
            "gate": ConversionSettings.gate_points,
        }
        settings = {"calibrate": drawn.get("clips"), "seed": drawn.get("seed"), "gate": parity.get("gate_points")}
        other = {key: value for key, value in settings.items() if value not in (None, usual[key])}
        options = (word for key, value in other.items() for word in (f"--{key}", value))
        yield _command("convert", model.folder, "--quantize", name, *kind, *_remedies(recipe, parity), *options)


def _remedies(recipe: Record, parity: Record) -> Iterator[str]:
    if parity.get("attempts"):
        yield "--repair"
    elif parity.get("remedies"):
        yield from ("--ranges", recipe["ranges"])
        for name in ("equalise", "correct_bias"):
            yield f"--{'' if recipe[name] else 'no-'}{name.replace('_', '-')}"
        if recipe["keep_float"]:
            yield from ("--keep-float", ",".join(recipe["keep_float"]))


def benchmark_commands(model: ModelResults) -> Iterator[Command]:
    """Yield the command of each latency."""
    for record in (*model.benchmarks.values(), *model.stopped.values()):
        yield _measurement("benchmark", BenchmarkSettings, model, record)


def program_commands(model: ModelResults) -> Iterator[Command]:
    """Yield the command of each latency by TFLite's own program."""
    for record in model.binaries.values():
        yield _measurement("benchmark", BenchmarkSettings, model, record | {"runtime": "benchmark_model"})


def count_commands(model: ModelResults) -> Iterator[Command]:
    """Yield the command of each count of instructions."""
    for record in model.instructions.values():
        counted = dict(record) | {"operators": bool(record.get("operators"))}
        yield _measurement("count", CountSettings, model, counted)


def operators_command(model: ModelResults, record: Record) -> Command:
    """Return the command of a profile of operators."""
    known = {name: record[name] for name in ("kernels", "threads", "runs") if name in record}
    if record.get("runtime") in ON_GPU:
        known |= {"runtime": record["runtime"]}
    elif record.get("method") == "benchmark_model":
        known |= {"runtime": "benchmark_model"}
    elif record.get("method") == "submodels" and record.get("target", "local") == "local":
        known |= {"method": "submodels"}
    rest = {name: record[name] for name in ("model", "target", "input_shapes") if name in record}
    return _measurement("profile operators", OperatorSettings, model, known | rest)


def layers_command(model: ModelResults, record: Record) -> Command:
    """Return the command of a profile of layers, with the backend that Keras had."""
    traced = "busy_us" in record and record.get("device") == "cpu"  # on a GPU that is the usual way
    options = (*_given(LayerSettings, record), *(("--how", "trace") if traced else ()))
    made = _command("profile", "layers", model.folder, *options)
    return Command(f"KERAS_BACKEND={shlex.quote(printable(str(record.get('backend'))))} {made.line}")


def long_audio_command(model: ModelResults, record: Record) -> Command:
    """Return the command of a score on long audio; of its files the record keeps the names alone."""
    files = [str(file["name"]) for file in record.get("files", []) if "name" in file] or ["AUDIO"]
    options = _given(CountingConfig, record.get("counting", {}))
    return _command("over-air", "score", model.folder / str(record.get("bundle")), *files, *options)


def search_command(search: SearchResults) -> Iterator[Command]:
    """Yield the command of a search on the clips, front end and recipe that its candidates share."""
    settings = search.config["search"]
    out = ("--out", search.folder)
    try:
        run = RunConfig.from_dict(search.config["run"])
        get_recipe(run.train.recipe)
    except (TfkwsError, LookupError, TypeError, ValueError):
        yield _command("search", "--resume", *out)
        return
    shared = ("--features", run.features.name, "--recipe", run.train.recipe)
    yield _command("search", *_clips(run), *shared, *_given(SearchConfig, settings), *_costs(search.config), *out)


def _costs(config: Record) -> Iterator[Any]:
    """Options of measured costs; those that a latency model predicts need its file, which a search keeps inside."""
    device = config.get("device") or {}
    if target := device.get("target"):
        yield from ("--target", target)
        yield from ("--quantize", device["recipe"]) if device.get("recipe") not in (None, "none") else ()
        for name in config["search"]["objectives"]:
            cost = str(name).replace("latency_us", "latency")
            yield from ("--objective", cost) if cost.startswith(("latency", "instructions")) else ()


def _measurement(command: str, settings: type[Config], model: ModelResults, record: Record) -> Command:
    """Return the command of a measurement of a converted file."""
    target = record.get("target", "local")
    place = () if target == "local" else ("--target", target)
    shapes = record.get("input_shapes") or {}
    given = (word for name, shape in shapes.items() for word in ("--shape", f"{name}={','.join(map(str, shape))}"))
    file = model.folder / str(record.get("model"))
    return _command(*command.split(), file, *_given(settings, record), *place, *given)


def _given(settings: type[Config], record: Record) -> Iterator[Any]:
    """Yield the options of those fields whose value in a record is not the default one."""
    for field in fields(settings):
        value = record.get(field.name, field.default)
        value = tuple(value) if isinstance(value, list) else value
        if field.name in NO_OPTION or value is None or value == field.default:
            continue
        name = OTHER_NAMES.get(field.name, field.name.replace("_", "-"))
        if isinstance(value, bool):
            yield f"--{name}" if value else f"--no-{name}"
        else:
            yield from (f"--{name}", ",".join(map(str, value)) if isinstance(value, tuple) else value)


def _command(*words: Any) -> Command:
    return Command(shlex.join(["tfkws", *(printable(str(word)) for word in words)]))
