"""`tfkws profile`: time per operator of a converted model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfkws.cli.options import Json

if TYPE_CHECKING:
    from tfkws.tflite.profiler import OpProfile


def profile(
    model: Annotated[Path, typer.Argument(help="A .tflite file or a .kws bundle.")],
    kernels: Annotated[str, typer.Option(help="xnnpack or builtin.")] = "xnnpack",
    threads: Annotated[int, typer.Option(help="Threads of the kernels.")] = 1,
    runs: Annotated[int, typer.Option(help="Profiled runs.")] = 200,
    method: Annotated[str, typer.Option(help="profiler, or submodels: one model for each operator.")] = "profiler",
    as_json: Json = False,
) -> None:
    """Time each operator, with its multiply-accumulates, bytes and rate; writes profile-*.json beside the model.

    Profiled times are no latencies: `tfkws benchmark` measures those.

    Example: tfkws profile artifacts/models/RUN/int8.tflite
    """
    from tfkws.cli.output import print_json, waiting
    from tfkws.tflite.folder_profile import profile_and_save

    with waiting(f"Profiling {model} ..."):
        result = profile_and_save(model, kernels, threads, runs, method)
    print_json(result.to_dict()) if as_json else _print(result)


def _print(result: "OpProfile") -> None:
    from tfkws.cli.output import print_table
    from tfkws.units import format_bytes, format_count, format_percent, format_us

    rows = [
        (
            row.index, row.opcode, row.name, "folded" if row.method == "folded" else format_us(row.time_us),
            format_percent(row.share), "" if row.macs is None else format_count(row.macs),
            "" if row.gmacs_per_s is None else f"{row.gmacs_per_s:.1f}", format_bytes(row.bytes_moved),
        )
        for row in result.rows
    ]  # fmt: skip
    title = (
        f"{result.model}: {result.machine.cpu}, {result.runtime} {result.runtime_version}, {result.kernels} kernels, "
        f"{result.threads} thread(s), by {result.method}"
    )
    columns = ("", "operator", "layer", "time", "share", "MACs", "GMAC/s", "bytes")
    print_table(title, columns, rows, right=("time", "share", "MACs", "GMAC/s", "bytes"))
    typer.echo(
        f"Sum {format_us(result.sum_us)}, unprofiled whole {format_us(result.whole_us)} "
        f"({100 * result.difference:+.1f} %). {result.explanation}"
    )
    for warning in result.warnings:
        typer.echo(f"Warning: {warning}", err=True)
