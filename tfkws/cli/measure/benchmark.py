"""`tfkws benchmark`: latency of converted models on this machine or a target."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.measure.binary import BenchmarkBinary
from tfkws.cli.terminal.options import Json, Record, Target, TargetPython

if TYPE_CHECKING:
    from tfkws.tflite.benchmark.latency import BenchmarkResult, BenchmarkSettings
    from tfkws.tflite.targets.timing_target import TimingTarget


def benchmark(
    models: Annotated[list[Path], typer.Argument(help=".tflite files or .kws bundles.")],
    threads: Annotated[str, typer.Option(help="A number, or auto: try all and take the lowest 95th percentile.")] = "1",
    kernels: Annotated[str, typer.Option(help="xnnpack or builtin.")] = "xnnpack",
    runtime: Annotated[str, typer.Option(help="litert, tflite_runtime or tf.")] = "litert",
    runs: Annotated[int, typer.Option(help="Timed runs in each process.")] = 300,
    processes: Annotated[int, typer.Option(help="Fresh processes for each model.")] = 3,
    inputs: Annotated[
        Path | None, typer.Option("--input", help=".npy of feature maps (n, h, w, 1). Default: noise by seed.")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="An earlier benchmark-*.json to compare with.")] = None,
    benchmark_binary: BenchmarkBinary = None,
    target: Target = "local",
    python: TargetPython = "",
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Time models in turns, in fresh processes, and write every sample to benchmark-*.json beside each model.

    On qemu-aarch64 the instructions of an inference are counted instead, and nothing is timed.

    Example: tfkws benchmark artifacts/models/RUN/int8.tflite artifacts/models/RUN/none.tflite
    """
    from tfkws.cli.terminal.output import print_json
    from tfkws.run_folder import read_json, write_json
    from tfkws.tflite.benchmark.latency import BenchmarkSettings, result_name
    from tfkws.tflite.targets.open import is_emulated
    from tfkws.tflite.targets.timing_target import open_timing_target

    if benchmark_binary is not None:
        from tfkws.cli.measure.binary import benchmark_models, print_models, refuse_others

        refuse_others({"--runtime": runtime != "litert", "--input": inputs is not None, "--python": python != "",
                       "--against": against is not None, "--record": record is not None})  # fmt: skip
        values = benchmark_models(models, benchmark_binary, target, kernels, threads, runs, processes)
        print_json(values) if as_json else print_models(values)
        return
    if is_emulated(target):
        given = {"--threads": threads != "1", "--runtime": runtime != "litert", "--input": inputs is not None,
                 "--against": against is not None, "--runs": runs != 300, "--processes": processes != 3,
                 "--python": python != ""}  # fmt: skip
        _count(models, target, kernels, record, given, as_json)
        return
    settings = BenchmarkSettings(kernels=kernels, runtime=runtime, runs=runs, processes=processes)
    with open_timing_target(target, runtime, models, python, record) as timing_target:
        settings = _with_threads(settings, threads, models[0], inputs, timing_target)
        results = [result.to_dict() for result in _measure(models, settings, inputs, timing_target)]
    for model, result in zip(models, results, strict=True):
        write_json(model.parent / result_name(model, settings, target), result)
    base = read_json(against) if against else results[0]
    print_json(results) if as_json else _print(_names(models), results, base)


def _count(
    models: list[Path], target: str, kernels: str, record: Path | None, given: dict[str, bool], as_json: bool
) -> None:
    from tfkws.cli.measure.count import count_models, print_counts, refuse_times
    from tfkws.cli.terminal.output import print_json

    refuse_times(target, given)
    results = count_models(models, target, kernels, record, operators=False)
    print_json([result.to_dict() for result in results]) if as_json else print_counts(_names(models), results)


def _with_threads(
    settings: "BenchmarkSettings", threads: str, model: Path, inputs: Path | None, timing_target: "TimingTarget"
) -> "BenchmarkSettings":
    from dataclasses import replace

    from tfkws.cli.terminal.output import say, waiting
    from tfkws.errors import ConfigError
    from tfkws.tflite.benchmark.latency import pick_threads
    from tfkws.units import format_us

    if threads != "auto":
        if not threads.isdecimal() or int(threads) < 1:
            raise ConfigError(f"--threads takes a number from 1 on, or auto. Received {threads!r}.")
        return replace(settings, threads=int(threads))
    with waiting("Trying numbers of threads ..."):
        best, tails = pick_threads(
            model, settings, range(1, timing_target.read_machine().cores + 1), inputs, timing_target
        )
    tried = ", ".join(f"{count}: {format_us(tail)}" for count, tail in tails.items())
    say(f"{best} threads give the lowest 95th percentile ({tried}).")
    return replace(settings, threads=best)


def _measure(
    models: list[Path], settings: "BenchmarkSettings", inputs: Path | None, timing_target: "TimingTarget"
) -> list["BenchmarkResult"]:
    """Measure; where that stops early, write what is there as benchmark-*.partial.json and say so."""
    from tfkws.cli.terminal.output import progress_bar, say
    from tfkws.run_folder import write_json
    from tfkws.tflite.benchmark.latency import benchmark_all, result_name

    def keep(partial: dict[Path, "BenchmarkResult"]) -> None:
        for model, result in partial.items():
            path = (model.parent / result_name(model, settings, timing_target.name)).with_suffix(".partial.json")
            write_json(path, result.to_dict())
            say(f"{len(result.samples_ns)} of {settings.processes} processes were measured; they are in {path}.")

    with progress_bar() as bar:
        task = bar.add_task("processes", total=len(models) * settings.processes, note="")
        return benchmark_all(models, settings, inputs, timing_target, lambda: bar.advance(task), keep)


def _names(models: list[Path]) -> list[str]:
    """File names, or paths where names are the same."""
    names = [model.name for model in models]
    return names if len(set(names)) == len(names) else [str(model) for model in models]


def _interval(low: float, high: float) -> str:
    from tfkws.units import format_us

    first, second = format_us(low), format_us(high)
    return f"{first.split()[0]}–{second}" if first.split()[1] == second.split()[1] else f"{first}–{second}"


def _where(result: dict[str, Any]) -> str:
    cpu = result["before"]["cpu"]
    return str(cpu) if result["target"] == "local" else f"{result['target']} ({cpu})"


def _print(names: list[str], results: list[dict[str, Any]], base: dict[str, Any]) -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.tflite.benchmark.latency import ratio
    from tfkws.units import format_bytes, format_us

    first = results[0]
    rows = [
        (
            name, format_us(result["median_us"]), _interval(*result["median_interval_us"]), format_us(result["p95_us"]),
            format_us(result["p99_us"]), f"{ratio(base, result):.2f}", format_us(result["load_us"]),
            format_bytes(result["peak_rss_bytes"] - result["rss_before_bytes"]),
        )
        for name, result in zip(names, results, strict=True)
    ]  # fmt: skip
    title = (
        f"{_where(first)}, {first['runtime']} {first['runtime_version']}, {first['kernels']} kernels, "
        f"{first['threads']} thread(s), {first['processes']} processes x {first['runs'] // first['processes']} runs; "
        f"input: {first['input_source']}; ratio to {base['model']}"
    )
    columns = ("model", "median", "95 %", "p95", "p99", "ratio", "load", "memory")
    print_table(title, columns, rows, right=columns[1:])
    for result in results:
        for warning in result["warnings"]:
            typer.echo(f"Unstable, {result['model']}: {warning}", err=True)
