"""`tfkws benchmark`: latency of converted models on this machine or a target."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.measure.count import count
from tfkws.cli.measure.options import (
    PROGRAM,
    Kernels,
    OldProgram,
    Program,
    names_of,
    program_of,
    refuse,
    tell_new_spelling,
)
from tfkws.cli.terminal.options import Json, Record, Target, TargetPython
from tfkws.errors import ConfigError

if TYPE_CHECKING:  # takes NumPy
    from tfkws.tflite.benchmark.latency import BenchmarkSettings

AUTO = "auto"


def benchmark(
    models: Annotated[list[Path], typer.Argument(help=".tflite files or .kws bundles.")],
    threads: Annotated[
        str | None, typer.Option(help="A number (1), or auto: try all and take the lowest 95th percentile.")
    ] = None,
    kernels: Kernels = "xnnpack",
    runtime: Annotated[str | None, typer.Option(help=f"litert (the default), tflite_runtime, tf or {PROGRAM}.")] = None,
    program: Program = None,
    runs: Annotated[int | None, typer.Option(help="Timed runs in each process (300).")] = None,
    processes: Annotated[int | None, typer.Option(help="Fresh processes for each model (3).")] = None,
    inputs: Annotated[
        Path | None, typer.Option("--input", help=".npy of feature maps (n, h, w, 1). Default: noise by seed.")
    ] = None,
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

    chosen, binary = program_of(runtime or "litert", program, benchmark_binary)
    numbers = {"runs": runs, "processes": processes}
    given = {name: value for name, value in numbers.items() if value is not None}
    if chosen == PROGRAM:
        others = {"--input": inputs, "--python": python or None, "--against": against, "--record": record}
        refuse(f"{PROGRAM} has no use for", others)
        settings = _settings(given, kernels=kernels, threads=_number(threads or "1", f"With {PROGRAM}, ", ""))
        _by_program(models, settings, binary, target, as_json)
    elif is_emulated(target):
        for_times = {"--threads": threads, "--runtime": runtime, "--input": inputs, "--against": against,
                     "--runs": runs, "--processes": processes, "--python": python or None}  # fmt: skip
        refuse(f"{target} is emulated: it counts instructions and measures no time. Leave out", for_times)
        tell_new_spelling("tfkws benchmark FILE --target qemu-aarch64", "tfkws count FILE --target qemu-aarch64")
        count(models, target, kernels, operators=False, record=record, as_json=as_json)
    else:
        number = 1 if threads == AUTO else _number(threads or "1", "", ", or auto")
        settings = _settings(given, kernels=kernels, runtime=chosen, threads=number)
        places = {"target": target, "python": python, "record": record, "inputs": inputs}
        _by_runtime(models, settings, against, as_json, best_threads=threads == AUTO, **places)


def _settings(given: dict[str, Any], **others: Any) -> "BenchmarkSettings":
    from tfkws.tflite.benchmark.latency import BenchmarkSettings

    return BenchmarkSettings(**given, **others)


def _number(text: str, before: str, behind: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError(f"{before}--threads takes a number from 1 on{behind}. Received {text!r}.")
    return int(text)


def _by_program(
    models: list[Path], settings: "BenchmarkSettings", program: Path | None, target: str, as_json: bool
) -> None:
    from tfkws.cli.terminal.output import show
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.benchmark import benchmark_by_program
    from tfkws.views.latency import binary_table

    timed = benchmark_by_program(models, settings, program, target, TerminalProgress(numbered=False))
    results = [result.to_dict() for result in timed]
    show(results, [binary_table(results, names_of(models))], as_json)


def _by_runtime(
    models: list[Path], settings: "BenchmarkSettings", against: Path | None, as_json: bool, **where: Any
) -> None:
    from tfkws.cli.terminal.output import show
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.pipeline.benchmark import benchmark_models
    from tfkws.run_folder import read_json
    from tfkws.tflite.benchmark.latency import ratio
    from tfkws.views.latency import latency_table, latency_warnings

    timed = benchmark_models(models, settings, progress=TerminalProgress(numbered=False), **where)
    results = [result.to_dict() for result in timed]
    base = read_json(against) if against else results[0]
    ratios = [] if as_json else [ratio(base, result) for result in results]
    show(results, [latency_table(results, ratios, base["model"], names_of(models))], as_json)
    for warning in [] if as_json else latency_warnings(results):
        typer.echo(f"Unstable, {warning}", err=True)
