"""`tfkws target fit`: a latency model of a target, for searches without the target at hand."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfkws.cli.terminal.options import Json, Record, TargetPython

if TYPE_CHECKING:
    from tfkws.tflite.latency_model.model import LatencyModel


def fit(
    target: Annotated[
        str, typer.Argument(help="local, ssh://[user@]host[:port], adb:SERIAL or qemu-aarch64[:CPU].")
    ] = "local",
    quantize: Annotated[str, typer.Option(help="Conversion recipe that the model is for: none or int8.")] = "none",
    features: Annotated[
        str, typer.Option(help="Front ends whose maps the networks take, separated by commas.")
    ] = "mfcc-40x32,mfcc-49x10",
    out: Annotated[
        Path | None, typer.Option(help="Folder of profiles and model; by default artifacts/targets/TARGET-RECIPE.")
    ] = None,
    python: TargetPython = "",
    record: Record = None,
    as_json: Json = False,
) -> None:
    """Profile generated networks on a target, fit a latency model, and say how well it predicts unseen networks.

    Interrupted, the same command goes on where it was.

    Example: tfkws target fit local --quantize int8 --out artifacts/targets/local-int8
    """
    from tfkws.cli.terminal.output import print_json, progress_bar
    from tfkws.features.front_ends import get_front_end
    from tfkws.tflite.latency_model.fit_target import MODEL, fit_target, open_fit_target
    from tfkws.tflite.latency_model.probes import make_probes

    folder = out or Path("artifacts/targets") / re.sub(r"[^\w.@-]+", "-", f"{target}-{quantize}")
    probes = make_probes([get_front_end(name).input_shape for name in features.split(",")])
    with open_fit_target(target, quantize, python, record) as opened, progress_bar() as bar:
        task = bar.add_task(f"profile on {target}", total=len(probes), note="")
        fitted = fit_target(opened, folder, probes, lambda done: bar.advance(task))
    print_json(fitted.to_dict()) if as_json else print_model(fitted, folder / MODEL)


def print_model(model: "LatencyModel", path: Path) -> None:
    """Print kinds of operators with their errors, then what the model is worth as a whole."""
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_count, format_percent

    rows = [
        (kind, known.operators, f"{format_count(known.work_range[0])}–{format_count(known.work_range[1])}", known.form,
         format_percent(known.held_out_error))
        for kind, known in model.kinds.items()
    ]  # fmt: skip
    about, columns = model.circumstances, ("operator", "measured", "MACs or values read", "form", "held-out error")
    title = f"{about.target} ({about.cpu}), recipe {about.recipe}, {about.kernels} kernels, in {about.unit}"
    print_table(title, columns, rows, right=(columns[1], columns[4]))
    held = model.held_out
    typer.echo(
        f"{held.networks} networks held out ({held.refused} outside of the range of the others): median error "
        f"{format_percent(held.median)}, {format_percent(held.coverage)} within {format_percent(held.bound)}, "
        f"rank correlation {held.rank_correlation:.3f}."
    )
    typer.echo(str(path))
