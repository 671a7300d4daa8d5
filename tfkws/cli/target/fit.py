"""`tfkws target fit`: a latency model of a target, for searches without the target at hand."""

import re
from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.options import Json, Record, TargetPython


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
    from tfkws.cli.terminal.output import show
    from tfkws.cli.terminal.progress import TerminalProgress
    from tfkws.features.front_ends import get_front_end
    from tfkws.pipeline.target.fit import MODEL, fit_target
    from tfkws.tflite.latency_model.fit_target import open_fit_target
    from tfkws.tflite.latency_model.probes import make_probes
    from tfkws.views.targets import latency_model_table

    folder = out or Path("artifacts/targets") / re.sub(r"[^\w.@-]+", "-", f"{target}-{quantize}")
    probes = make_probes([get_front_end(name).input_shape for name in features.split(",")])
    with open_fit_target(target, quantize, python, record) as opened:
        fitted = fit_target(opened, folder, probes, TerminalProgress())
    show(fitted.to_dict(), [latency_model_table(fitted.to_dict()), str(folder / MODEL)], as_json)
