"""`tfkws profile`: time per operator of a converted model, or per layer of a Keras model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfkws.cli.measure.binary import BenchmarkBinary
from tfkws.cli.terminal.options import Json

if TYPE_CHECKING:
    from tfkws.pipeline.profile.layers import KerasSource
    from tfkws.profiling.explain.roofline import Roofline
    from tfkws.profiling.measure.layer_profile import LayerProfile
    from tfkws.tflite.profile.op_table import OpProfile

FILES = (".tflite", ".kws")


def profile(
    model: Annotated[
        Path, typer.Argument(help="A .tflite file, a .kws bundle; a .keras file, a model folder, or a name of the zoo.")
    ],
    kernels: Annotated[str, typer.Option(help="Of a .tflite file: xnnpack or builtin.")] = "xnnpack",
    threads: Annotated[int, typer.Option(help="Threads of the kernels; cores for Keras layers, 0 for all.")] = 1,
    runs: Annotated[
        int | None, typer.Option(help="Profiled runs (default 200); of Keras layers, passes in each trial (20).")
    ] = None,
    benchmark_binary: BenchmarkBinary = None,
    method: Annotated[str, typer.Option(help="profiler, or submodels: one model for each operator.")] = "profiler",
    device: Annotated[str, typer.Option(help="For Keras layers: cpu or gpu.")] = "cpu",
    trials: Annotated[int, typer.Option(help="For Keras layers: trials.")] = 5,
    mode: Annotated[
        str, typer.Option(help="For Keras layers: compiled, or eager as forward hooks see them.")
    ] = "compiled",
    input_size: Annotated[str, typer.Option(help="HEIGHTxWIDTH for a name of the zoo. Default: its paper's.")] = "",
    classes: Annotated[int | None, typer.Option(help="Classes for a name of the zoo. Default: its paper's.")] = None,
    inputs: Annotated[
        Path | None,
        typer.Option("--input", help="For Keras layers: .npy of maps (n, h, w, 1). Default: noise by seed."),
    ] = None,
    per_layer: Annotated[
        bool, typer.Option("--per-layer", help="Print each Keras layer, not only categories.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for Keras layers. Default: the model's own.")] = None,
    as_json: Json = False,
) -> None:
    """Time each operator or layer, with its multiply-accumulates, bytes and rate; writes JSON beside the model.

    Profiled times are no latencies: `tfkws benchmark` measures those.

    Example: tfkws profile artifacts/models/RUN/int8.tflite
    """
    from tfkws.cli.terminal.output import print_json

    if model.suffix in FILES or benchmark_binary is not None:
        _refuse_device(device)
        result = _operators(model, benchmark_binary, kernels, threads, 200 if runs is None else runs, method)
        print_json(result.to_dict()) if as_json else _print(result)
        return
    from tfkws.cli.models import read_shape
    from tfkws.pipeline.profile.layers import KerasSource

    source = KerasSource(model, read_shape(input_size, "--input-size") if input_size else None, classes)
    layers = _layers(source, (device, mode, threads, trials, 20 if runs is None else runs), inputs, out)
    print_json(layers.to_dict()) if as_json else _print_layers(layers, per_layer)


def _operators(model: Path, binary: Path | None, kernels: str, threads: int, runs: int, method: str) -> "OpProfile":
    from tfkws.cli.measure.binary import profile_model, refuse_others
    from tfkws.cli.terminal.output import waiting
    from tfkws.pipeline.profile.operators import profile_operators

    if binary is not None:
        refuse_others({"--method": method != "profiler"})
        return profile_model(model, binary, "local", kernels, threads, runs)
    with waiting(f"Profiling {model} ..."):
        return profile_operators(model, kernels, threads, runs, method)


def _refuse_device(device: str) -> None:
    from tfkws.errors import ConfigError

    if device != "cpu":
        raise ConfigError(f"Operators of a .tflite file are timed on the CPU. Received --device {device}.")


def _layers(
    source: "KerasSource", values: tuple[str, str, int, int, int], inputs: Path | None, out: Path | None
) -> "LayerProfile":
    from tfkws.cli.terminal.output import say, waiting
    from tfkws.pipeline.profile.layers import profile_keras
    from tfkws.profiling.measure.layer_settings import LayerSettings

    settings = LayerSettings(*values)
    with waiting(f"Timing the layers of {source.name} ..."):
        result, path = profile_keras(source, settings, inputs, out)
    say(f"{path} keeps every sample; a CSV beside it holds each trial.")
    return result


def _print_layers(result: "LayerProfile", per_layer: bool) -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.profiling.explain.category_table import category_rows
    from tfkws.profiling.explain.steps import read_steps
    from tfkws.units import format_bytes, format_count, format_percent, format_us

    steps = read_steps(result.to_dict())
    title = f"{steps.network}: {steps.device}, {steps.setting}, {result.trials} trials of {result.passes} passes"
    if per_layer:
        cells = [
            (s.name, s.what, format_us(s.time_us), format_percent(s.time_us / steps.total_us), format_count(s.macs),
             format_bytes(s.bytes_moved)) for s in steps.steps
        ]  # fmt: skip
        columns = ("layer", "class", "time", "share", "MACs", "bytes")
        print_table(title, columns, cells, right=columns[2:])
    rows = [
        (r.category, r.steps, format_us(r.average_us), f"{r.average_flops:.2E}" if r.flops else "0",
         format_percent(r.share)) for r in category_rows(steps, depthwise_apart=True)
    ]  # fmt: skip
    print_table(title, ("category", "layers", "average time", "average FLOPS", "PAR"), rows,
                right=("layers", "average time", "average FLOPS", "PAR"))  # fmt: skip
    typer.echo(_whole_sentence(result, steps.total_us))


def _whole_sentence(result: "LayerProfile", sum_us: float) -> str:
    from tfkws.profiling.measure.layer_profile import mean
    from tfkws.units import format_us

    compiled, eager = (mean([mean(t) for t in trials]) for trials in (result.whole_compiled_us, result.whole_eager_us))
    return (
        f"Sum {format_us(sum_us)}; the whole network takes {format_us(compiled)} compiled, {format_us(eager)} eager. "
        f"Each call costs {format_us(result.call_us)} besides its work."
    )


def _print(result: "OpProfile") -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.profiling.explain.roofline import peak_of
    from tfkws.units import format_bytes, format_count, format_percent, format_us

    rows = [
        (
            row.index, row.opcode, row.name, "folded" if row.method == "folded" else format_us(row.time_us),
            format_percent(row.share), "" if row.macs is None else format_count(row.macs),
            "" if row.gmacs_per_s is None else f"{row.gmacs_per_s:.1f}", format_bytes(row.bytes_moved),
            "" if not row.intensity else f"{row.intensity:.2g}",
            "" if row.roofline_share is None else format_percent(row.roofline_share), row.limit or "",
        )
        for row in result.rows
    ]  # fmt: skip
    title = (
        f"{result.model}: {result.machine.cpu}, {result.runtime} {result.runtime_version}, {result.kernels} kernels, "
        f"{result.threads} thread(s), by {result.method}"
    )
    columns = ("", "operator", "layer", "time", "share", "MACs", "GMAC/s", "bytes", "MACs/B", "roofline", "limit")
    print_table(title, columns, rows, right=columns[3:10])
    typer.echo(
        f"Sum {format_us(result.sum_us)}, unprofiled whole {format_us(result.whole_us)} "
        f"({100 * result.difference:+.1f} %). {result.explanation}"
    )
    if result.roofline:
        typer.echo(_roofline_sentence(result.roofline, peak_of(result.number_type) or "float32"))
    for warning in result.warnings:
        typer.echo(f"Warning: {warning}", err=True)


def _roofline_sentence(roofline: "Roofline", peak: str) -> str:
    peaks = ", ".join(f"{rate / 1e9:.0f} GMAC/s in {kind}" for kind, rate in roofline.peak_macs_per_s.items())
    levels = ", ".join(
        f"{level.name} {level.bytes_per_s / 1e9:.0f} GB/s (knee {roofline.knee(peak, level):.1f} MACs/B)"
        for level in roofline.levels
    )
    return f"Limits measured {roofline.when}: {peaks}; {levels}."
