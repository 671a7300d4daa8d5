"""`tfkws serve`: a wake-word service for Home Assistant and its satellites."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.field_options import Changes, options_of
from tfkws.config import DetectorConfig, ServiceConfig


@options_of(ServiceConfig)
@options_of(DetectorConfig, only=("hop_ms", "window_ms", "threshold", "refractory_ms"))
def serve(
    bundles: Annotated[list[Path], typer.Argument(help="One or more .kws bundles.")],
    settings: ServiceConfig,
    changes: Changes[DetectorConfig],
) -> None:
    """Serve wake words in the Wyoming protocol, until Ctrl-C or SIGTERM.

    Detector settings are those of each bundle unless an option says otherwise.

    Example: tfkws serve kws10-int8.kws --uri tcp://127.0.0.1:10400
    """
    from tfkws.cli.terminal.output import say
    from tfkws.pipeline.serve import serve_bundles

    served = serve_bundles(bundles, settings, changes.to, say)
    say(
        f"Ended: {served.clients} clients came and {served.dropped} were dropped; {served.detected} words were heard "
        f"and {served.skipped} windows left out."
    )
    if served.ended_by == signal.SIGINT:  # SIGTERM is how service managers end it, and no failure
        raise typer.Exit(128 + signal.SIGINT)
