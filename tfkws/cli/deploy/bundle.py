"""`tfkws bundle create` and `tfkws bundle verify`: one archive for a device."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from tfkws.cli.terminal.options import Json

bundle = typer.Typer(no_args_is_help=True, help="Make and check bundles, the archives that devices run.")


@bundle.command("create")
def create(
    model: Annotated[Path, typer.Argument(help="A converted model: RUN/int8.tflite.")],
    out: Annotated[Path | None, typer.Option(help="Default: <network>-<recipe>.kws beside the model.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Detection threshold, 0..1. Default: that of the evaluation, or 0.5.")
    ] = None,
    window_ms: Annotated[float | None, typer.Option(help="Answers of this time are averaged.")] = None,
    refractory_ms: Annotated[
        float | None, typer.Option(help="Nothing is reported this long after a detection.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace an earlier bundle.")] = False,
) -> None:
    """Pack model, front end, labels, detector settings, golden vectors and card into NAME.kws.

    Example: tfkws bundle create artifacts/models/RUN/int8.tflite
    """
    from tfkws.pipeline.bundle import bundle_folder, measured_detector
    from tfkws.training.model_folder import open_model_folder

    folder = open_model_folder(model)
    changes = _changes(threshold=threshold, window_ms=window_ms, refractory_ms=refractory_ms)
    detector = replace(measured_detector(folder, model.stem), **changes)
    typer.echo(bundle_folder(folder, model.stem, out, detector, force))


@bundle.command("verify")
def verify(file: Annotated[Path, typer.Argument(help="A .kws file.")], as_json: Json = False) -> None:
    """Check a bundle's checksums and run its golden vectors here; exits 1 when something is not as it was.

    Example: tfkws bundle verify kws10-int8.kws
    """
    from tfkws.cli.terminal.output import print_json
    from tfkws.pipeline.bundle import verify_bundle

    read, check = verify_bundle(file)
    report = {"file": str(file), "passed": check.passed, "digest": read.digest, "labels": list(read.labels),
              "feature_error": check.feature_error, "output_error": check.output_error}  # fmt: skip
    if as_json:
        print_json(report)
    else:
        verdict = "sound" if check.passed else "NOT sound: front end or model answer otherwise than where it was made"
        typer.echo(f"{file}: {verdict}; {', '.join(read.labels)}; digest {read.digest[:16]}")
        typer.echo(f"largest feature error {check.feature_error:.2g}, largest output error {check.output_error:.2g}")
    if not check.passed:
        raise typer.Exit(1)


def _changes(**settings: float | None) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}
