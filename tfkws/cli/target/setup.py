"""`tfkws target setup`: bring what an emulated target needs."""

from typing import Annotated

import typer

from tfkws.cli.terminal.options import Json
from tfkws.errors import ConfigError


def setup(
    target: Annotated[str, typer.Argument(help="qemu-aarch64.")],
    litert: Annotated[
        str, typer.Option(help="Version of ai-edge-litert on the emulated core. Default: the one installed here.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Download the emulator's Debian packages and wheels into ~/.cache/tfkws, and compile the counting plugin.

    Says what it downloads and how much (about 45 MiB), installs nothing, and goes on where it was interrupted.

    Example: tfkws target setup qemu-aarch64
    """
    from tfkws.cli.terminal.output import print_json, say
    from tfkws.tflite.targets.emulated.qemu import qemu_folder
    from tfkws.tflite.targets.emulated.setup import set_up_qemu
    from tfkws.units import format_bytes

    if target != "qemu-aarch64":
        raise ConfigError(f"Only qemu-aarch64 is set up. Received {target!r}; `tfkws target list` shows the others.")
    done = set_up_qemu(say, litert)
    if as_json:
        print_json(done)
    else:
        say(
            f"qemu-aarch64 is set up in {qemu_folder()}: QEMU {done['emulator_version'].split()[0]}, {done['python']}, "
            f"ai-edge-litert {done['ai_edge_litert']}; its downloads are {format_bytes(done['downloaded_bytes'])}."
        )
