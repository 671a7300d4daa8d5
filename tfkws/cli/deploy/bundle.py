"""`tfkws bundle create` and `tfkws bundle verify`: one archive for a device."""

from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.arguments import Group
from tfkws.cli.terminal.field_options import Changes, options_of
from tfkws.cli.terminal.foreign_options import foreign_options, told_by
from tfkws.cli.terminal.options import Imports, Json
from tfkws.cli.terminal.output import show
from tfkws.config import DetectorConfig, ForeignModel

app = typer.Typer(cls=Group)


@app.callback()
def bundle() -> None:
    """Make and check bundles, the archives that devices run."""


@app.command("create")
@foreign_options()
@options_of(
    DetectorConfig,
    only=("window_ms", "threshold", "refractory_ms"),
    helps={"threshold": "Detection threshold, 0..1. Default: that of the evaluation, or 0.5."},
)
def create(
    model: Annotated[Path, typer.Argument(help="A converted model: RUN/int8.tflite; or one made elsewhere.")],
    changes: Changes[DetectorConfig],
    out: Annotated[
        Path | None,
        typer.Option(help="Default: <network>-<recipe>.kws beside the model."),
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace an earlier bundle.")] = False,
    imports: Imports = [],  # noqa: B006
    as_json: Json = False,
    *,
    foreign: Changes[ForeignModel],
) -> None:
    """Pack model, front end, labels, detector settings, golden vectors and card into NAME.kws.

    Of a .tflite or .keras file made elsewhere tell the classes and the front end: --labels labels.txt --features
    mfcc-49x10.

    Example: tfkws bundle create artifacts/models/RUN/int8.tflite
    """
    from tfkws.pipeline.bundle import (
        bundle_folder,
        bundle_foreign,
        check_lies_in_folder,
        measured_detector,
        told_by_file,
    )
    from tfkws.training.model_folder import open_model_folder

    told, detector = told_by(foreign), DetectorConfig()
    if told is None and (said := told_by_file(model)) is not None:
        told, detector = said
    if told is not None:
        file = str(bundle_foreign(model, told, out, changes.to(detector), force))
        show({"file": file}, [file], as_json)
        return
    check_lies_in_folder(model)
    folder = open_model_folder(model)
    detector = changes.to(measured_detector(folder, model.stem))
    file = str(bundle_folder(folder, model.stem, out, detector, force))
    show({"file": file}, [file], as_json)


@app.command("verify")
def verify(file: Annotated[Path, typer.Argument(help="A .kws file.")], as_json: Json = False) -> None:
    """Check a bundle's checksums and run its golden vectors here; exits 1 when something is not as it was.

    Example: tfkws bundle verify kws10-int8.kws
    """
    from tfkws.pipeline.bundle import verify_bundle

    read, check = verify_bundle(file)
    report = {
        "file": str(file),
        "passed": check.passed,
        "digest": read.digest,
        "labels": list(read.labels),
        "feature_error": check.feature_error,
        "output_error": check.output_error,
    }
    verdict = "sound" if check.passed else "NOT sound: front end or model answer otherwise than where it was made"
    sentences = [
        f"{file}: {verdict}; {', '.join(read.labels)}; digest {read.digest[:16]}",
        f"largest feature error {check.feature_error:.2g}, largest output error {check.output_error:.2g}",
    ]
    show(report, sentences, as_json)
    if not check.passed:
        raise typer.Exit(1)
