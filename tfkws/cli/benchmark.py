"""`tfkws benchmark`: latency of converted models on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.cli.options import Json

if TYPE_CHECKING:
    from tfkws.tflite.benchmark import BenchmarkSettings


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
    as_json: Json = False,
) -> None:
    """Time models in turns, in fresh processes, and write every sample to benchmark-*.json beside each model.

    Example: tfkws benchmark artifacts/models/RUN/int8.tflite artifacts/models/RUN/none.tflite
    """
    from tfkws.cli.output import print_json
    from tfkws.run_folder import read_json, write_json
    from tfkws.tflite.benchmark import BenchmarkSettings, result_name

    settings = BenchmarkSettings(kernels=kernels, runtime=runtime, runs=runs, processes=processes)
    settings = _with_threads(settings, threads, models[0], inputs)
    results = [result.to_dict() for result in _measure(models, settings, inputs)]
    for model, result in zip(models, results, strict=True):
        write_json(model.parent / result_name(model, settings), result)
    base = read_json(against) if against else results[0]
    print_json(results) if as_json else _print(_names(models), results, base)


def _with_threads(settings: "BenchmarkSettings", threads: str, model: Path, inputs: Path | None) -> "BenchmarkSettings":
    import os
    from dataclasses import replace

    from tfkws.cli.output import say, waiting
    from tfkws.errors import ConfigError
    from tfkws.tflite.benchmark import pick_threads
    from tfkws.units import format_us

    if threads != "auto":
        if not threads.isdecimal() or int(threads) < 1:
            raise ConfigError(f"--threads takes a number from 1 on, or auto. Received {threads!r}.")
        return replace(settings, threads=int(threads))
    with waiting("Trying numbers of threads ..."):
        best, tails = pick_threads(model, settings, range(1, (os.cpu_count() or 1) + 1), inputs)
    tried = ", ".join(f"{count}: {format_us(tail)}" for count, tail in tails.items())
    say(f"{best} threads give the lowest 95th percentile ({tried}).")
    return replace(settings, threads=best)


def _measure(models: list[Path], settings: "BenchmarkSettings", inputs: Path | None) -> list[Any]:
    from tfkws.cli.output import progress_bar
    from tfkws.tflite.benchmark import benchmark_all

    with progress_bar() as bar:
        task = bar.add_task("processes", total=len(models) * settings.processes, note="")
        return benchmark_all(models, settings, inputs, on_process=lambda: bar.advance(task))


def _names(models: list[Path]) -> list[str]:
    """File names, or paths where names are the same."""
    names = [model.name for model in models]
    return names if len(set(names)) == len(names) else [str(model) for model in models]


def _interval(low: float, high: float) -> str:
    from tfkws.units import format_us

    first, second = format_us(low), format_us(high)
    return f"{first.split()[0]}–{second}" if first.split()[1] == second.split()[1] else f"{first}–{second}"


def _print(names: list[str], results: list[dict[str, Any]], base: dict[str, Any]) -> None:
    from tfkws.cli.output import print_table
    from tfkws.tflite.benchmark import ratio
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
        f"{first['before']['cpu']}, {first['runtime']} {first['runtime_version']}, {first['kernels']} kernels, "
        f"{first['threads']} thread(s), {first['processes']} processes x {first['runs'] // first['processes']} runs; "
        f"input: {first['input_source']}; ratio to {base['model']}"
    )
    columns = ("model", "median", "95 %", "p95", "p99", "ratio", "load", "memory")
    print_table(title, columns, rows, right=columns[1:])
    for result in results:
        for warning in result["warnings"]:
            typer.echo(f"Unstable, {result['model']}: {warning}", err=True)
