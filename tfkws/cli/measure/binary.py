"""`--benchmark-binary` of benchmark and profile: TFLite's own program, here or on a target."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tfkws.errors import ConfigError

if TYPE_CHECKING:
    from tfkws.tflite.profile.benchmark_model_program import BenchmarkModelTarget
    from tfkws.tflite.profile.op_table import OpProfile

BenchmarkBinary = Annotated[
    Path | None,
    typer.Option(help="TFLite's benchmark_model, a path or a name on PATH, in place of the runtime in Python."),
]


def profile_model(model: Path, binary: Path, target: str, kernels: str, threads: int, runs: int) -> "OpProfile":
    """Profile by the binary; writes profile-<stem>-benchmark_model.json and what it printed."""
    from tfkws.cli.terminal.output import waiting
    from tfkws.run_folder import write_json, write_text
    from tfkws.tflite.profile.benchmark_model import profile_by_binary
    from tfkws.tflite.profile.measure_roofline import roofline_for

    with _open(binary, target) as program, waiting(f"Profiling {model} with {binary} ..."):
        roofline = roofline_for(kernels, threads) if target == "local" else None
        result = profile_by_binary(model, program, kernels, threads, runs, roofline)
    stem = f"profile-{model.stem}-benchmark_model"
    write_text(model.parent / f"{stem}.txt", result.raw_text)
    write_json(model.parent / f"{stem}.json", result.to_dict())
    return result


def refuse_others(given: dict[str, bool]) -> None:
    """Refuse options that the binary has no use for.

    Raises:
        ConfigError: one was given.
    """
    unused = [name for name, is_given in given.items() if is_given]
    if unused:
        raise ConfigError(f"--benchmark-binary has no use for {', '.join(unused)}; leave that out.")


def benchmark_models(
    models: list[Path], binary: Path, target: str, kernels: str, threads: str, runs: int, processes: int
) -> list[dict[str, Any]]:
    """Time models by the binary; writes binary-<stem>.json beside each."""
    from tfkws.cli.terminal.output import waiting
    from tfkws.run_folder import write_json
    from tfkws.tflite.profile.benchmark_model import benchmark_by_binary

    if not threads.isdecimal() or int(threads) < 1:
        raise ConfigError(f"With --benchmark-binary, --threads takes a number from 1 on. Received {threads!r}.")
    results = []
    with _open(binary, target) as program:
        for model in models:
            with waiting(f"Timing {model} with {binary} ..."):
                result = benchmark_by_binary(model, program, kernels, int(threads), runs, processes)
            results.append(result.to_dict())
            write_json(model.parent / f"binary-{model.stem}.json", results[-1])
    return results


def print_models(results: list[dict[str, Any]]) -> None:
    """Print one row a model: the binary tells means and extremes, not every run."""
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_us

    rows = [
        (
            result["model"], format_us(result["mean_us"]), format_us(min(p["min_us"] for p in result["processes"])),
            format_us(max(p["max_us"] for p in result["processes"])),
            ", ".join(format_us(p["mean_us"]) for p in result["processes"]),
            format_us(result["processes"][0]["init_us"]),
        )
        for result in results
    ]  # fmt: skip
    first = results[0]
    name = f"benchmark_model (sha256 {first['binary_sha256'][:12]})"
    title = f"{name}, {first['kernels']} kernels, {first['threads']} thread(s)"
    columns = ("model", "mean", "shortest", "longest", "mean of each process", "init")
    print_table(title, columns, rows, right=columns[1:])


@contextmanager
def _open(binary: Path, target: str) -> Iterator["BenchmarkModelTarget"]:
    """Where the binary runs: this machine, or a target that it is pushed to."""
    from tfkws.tflite.profile.benchmark_model_program import benchmark_model_here, benchmark_model_on, find_binary
    from tfkws.tflite.targets.open import is_emulated, open_target

    if target == "local":
        yield benchmark_model_here(find_binary(binary))
        return
    if is_emulated(target):
        raise ConfigError(f"{target} is emulated, and times there mean nothing; leave --benchmark-binary out.")
    if not binary.is_file():
        raise ConfigError(f"{binary} does not exist; give a benchmark_model that was built for the target.")

    with open_target(target) as session:
        yield benchmark_model_on(session, binary)
