"""`tfkws benchmark`: latency of converted models on this machine or a target."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.measure.count import count_and_show
from tfkws.cli.measure.options import OldProgram, Program, Shapes, names_of, program_of, refuse
from tfkws.cli.terminal.arguments import tell_new_spelling
from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import Json, Record, Target, TargetPython
from tfkws.config import BenchmarkSettings, CountSettings
from tfkws.config.measurement import BENCHMARK_MODEL
from tfkws.errors import ConfigError
from tfkws.tflite.runtime.runtimes import RUNTIMES

if TYPE_CHECKING:
    from tfkws.tflite.benchmark.latency import BenchmarkResult

AUTO = "auto"


@options_of(
    BenchmarkSettings,
    but=("threads", "warmup_runs", "seconds"),
    helps={"runtime": f"{', '.join(RUNTIMES)} or {BENCHMARK_MODEL}."},
)
def benchmark(
    context: typer.Context,
    models: Annotated[list[Path], typer.Argument(help=".tflite files or .kws bundles.")],
    settings: BenchmarkSettings,
    threads: Annotated[
        str, typer.Option(help=f"A number, or {AUTO}: try all and take the lowest 95th percentile.")
    ] = str(BenchmarkSettings.threads),
    program: Program = None,
    inputs: Annotated[
        Path | None, typer.Option("--input", help=".npy of feature maps (n, h, w, 1). Default: noise by seed.")
    ] = None,
    shape: Shapes = None,
    against: Annotated[Path | None, typer.Option(help="An earlier benchmark-*.json to compare with.")] = None,
    target: Target = "local",
    python: TargetPython = "",
    record: Record = None,
    benchmark_binary: OldProgram = None,
    as_json: Json = False,
) -> None:
    """Time models in turns, in fresh processes, and write every sample to benchmark-*.json beside each model.

    Example: tfkws benchmark artifacts/models/RUN/int8.tflite artifacts/models/RUN/none.tflite
    """
    from tfkws.tflite.targets.open import is_emulated

    runtime, binary = program_of(settings.runtime, program, benchmark_binary)
    settings = replace(settings, runtime=runtime)
    if runtime == BENCHMARK_MODEL:
        refuse(context, f"{BENCHMARK_MODEL} has no use for", "inputs", "python", "against", "record")
        settings = replace(settings, threads=_number(threads, f"With {BENCHMARK_MODEL}, ", ""))
        _by_program(models, settings, binary, target, shape or [], as_json)
    elif is_emulated(target):
        sentence = f"{target} is emulated: it counts instructions and measures no time. Leave out"
        refuse(context, sentence, "threads", "runtime", "inputs", "shape", "against", "runs", "processes", "python")
        tell_new_spelling("tfkws benchmark FILE --target qemu-aarch64", "tfkws count FILE --target qemu-aarch64")
        count_and_show(models, CountSettings(settings.kernels), target, record, as_json)
    else:
        settings = replace(settings, threads=1 if threads == AUTO else _number(threads, "", f", or {AUTO}"))
        places = {"target": target, "python": python, "record": record, "inputs": inputs, "shapes": shape or ()}
        _by_runtime(models, settings, against, as_json, best_threads=threads == AUTO, **places)


def _number(text: str, before: str, behind: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"{before}--threads takes a number from 1 on{behind}. Received {text!r}.")
    return int(text)


def _by_program(
    models: list[Path], settings: BenchmarkSettings, program: Path | None, target: str, shapes: list[str], as_json: bool
) -> None:
    from tfkws.cli.terminal.output import show
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.benchmark import benchmark_by_program
    from tfkws.views.latency import binary_table

    timed = benchmark_by_program(models, settings, program, target, TerminalProgress(numbered=False), shapes)
    results = [result.to_dict() for result in timed]
    show(results, [binary_table(results, names_of(models))], as_json)


def _by_runtime(
    models: list[Path], settings: BenchmarkSettings, against: Path | None, as_json: bool, **where: Any
) -> None:
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.output_folder import shown_all_the_same
    from tfkws.pipeline.benchmark import benchmark_models

    earlier = _earlier(against) if against else None
    show_results = partial(_show_latencies, names=names_of(models), earlier=earlier, as_json=as_json)
    with shown_all_the_same(show_results):
        timed = benchmark_models(models, settings, progress=TerminalProgress(numbered=False), **where)
    show_results(timed)


def _show_latencies(
    timed: "list[BenchmarkResult]", names: list[str], earlier: dict[str, Any] | None, as_json: bool
) -> None:
    from tfkws.cli.terminal.output import show, warn
    from tfkws.tflite.benchmark.latency import ratio
    from tfkws.views.latency import latency_table, latency_warnings

    results = [result.to_dict() for result in timed]
    base = earlier or results[0]
    ratios = [] if as_json else [ratio(base, result) for result in results]
    show(results, [latency_table(results, ratios, base["model"], names)], as_json)
    for warning in [] if as_json else latency_warnings(results):
        warn(f"Unstable, {warning}")


def _earlier(path: Path) -> dict[str, Any]:
    """Read an earlier result, before anything is measured."""
    from tfkws.run_folder import read_record
    from tfkws.tflite.benchmark.latency import check_result

    values = read_record(path)
    check_result(values, str(path))
    return values
