"""`tfkws target`: the devices that networks are measured on."""

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from tfkws.cli.terminal.arguments import Group
from tfkws.cli.terminal.field_options import options_of
from tfkws.cli.terminal.options import REAL_TARGETS, Json, Record, TargetPython, split_words
from tfkws.config.measurement import LatencyModelSettings
from tfkws.errors import ConfigError

app = typer.Typer(cls=Group)


@app.callback()
def target() -> None:
    """Targets: the devices that networks are measured on."""


@app.command("list")
def list_targets(as_json: Json = False) -> None:
    """List the forms of targets, whether they can be used from here, and the mend.

    Example: tfkws target list
    """
    from tfkws.cli.terminal.output import show
    from tfkws.tflite.targets.kinds import usable_targets
    from tfkws.views.targets import findings_table

    findings = [finding.to_dict() for finding in usable_targets()]
    show(findings, [findings_table("Targets", findings)], as_json)


@app.command()
def check(
    target: Annotated[
        str,
        typer.Argument(help=f"{REAL_TARGETS}, qemu-aarch64[:CPU] or replay:DIR."),
    ],
    runtime: Annotated[str, typer.Option(help="litert or tflite_runtime.")] = "litert",
    python: TargetPython = "",
    as_json: Json = False,
) -> None:
    """Connect to a target and say what it is and has; exit 1 with the mend where models cannot run there.

    Example: tfkws target check ssh://pi@raspberrypi
    """
    from tfkws.cli.terminal.output import say, show, waiting
    from tfkws.tflite.targets.open import open_target
    from tfkws.tflite.targets.questions import ask_facts, ask_runtime_version, require_runtime
    from tfkws.views.targets import device_table

    with waiting(f"Asking {target} ..."), open_target(target, python) as session:
        facts = ask_facts(session)
        show(facts.to_dict(), [device_table(facts.to_dict())], as_json)
        require_runtime(facts, runtime, needed_bytes=0)
        version = ask_runtime_version(session, runtime)
    say(f"{target} runs models with {runtime} {version}.")


@app.command()
def setup(
    target: Annotated[str, typer.Argument(help="qemu-aarch64, or software-gpu.")],
    litert: Annotated[
        str, typer.Option(help="Version of ai-edge-litert on the emulated core. Default: the one installed here.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Download into ~/.cache/tfkws what emulates a device: an ARM core that counts instructions, or a GPU in software.

    Says what it downloads and how much (about 45 MiB for the core, 30 MiB for the GPU), installs nothing, and goes
    on where it was interrupted.

    Example: tfkws target setup qemu-aarch64
    """
    if target == "software-gpu":
        _set_up_software_gpu(as_json)
    elif target == "qemu-aarch64":
        _set_up_core(litert, as_json)
    else:
        raise ConfigError(
            f"Only qemu-aarch64 and software-gpu are set up. Received {target!r}; `tfkws target list` shows the others."
        )


def _set_up_software_gpu(as_json: bool) -> None:
    from tfkws.cli.terminal.output import print_json, print_text, say
    from tfkws.tflite.gpu.software_adapter import adapter_environment, adapter_folder, set_up_adapter

    done = set_up_adapter(say)
    if as_json:
        print_json(done)
        return
    say(
        f"A GPU in software is set up in {adapter_folder()}, from {done['package']}. To use it in this shell: "
        f'eval "$(tfkws target setup software-gpu)"'
    )
    for name, value in adapter_environment().items():
        print_text(f"export {name}={shlex.quote(value)}")


def _set_up_core(litert: str, as_json: bool) -> None:
    from tfkws.cli.terminal.output import print_json, say
    from tfkws.tflite.targets.emulated.qemu import qemu_folder
    from tfkws.tflite.targets.emulated.setup import set_up_qemu
    from tfkws.units import format_bytes

    done = set_up_qemu(say, litert)
    if as_json:
        print_json(done)
    else:
        say(
            f"qemu-aarch64 is set up in {qemu_folder()}: QEMU {done['emulator_version'].split()[0]}, {done['python']}, "
            f"ai-edge-litert {done['ai_edge_litert']}; its downloads are {format_bytes(done['downloaded_bytes'])}."
        )


@app.command()
@options_of(LatencyModelSettings, read={"features": split_words})
def fit(
    target: Annotated[str, typer.Argument(help=f"{REAL_TARGETS} or qemu-aarch64[:CPU].")] = "local",
    settings: LatencyModelSettings = LatencyModelSettings(),
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

    folder = out or Path("artifacts/targets") / re.sub(r"[^\w.@-]+", "-", f"{target}-{settings.quantize}")
    probes = make_probes([get_front_end(name).input_shape for name in settings.features])
    with open_fit_target(target, settings.quantize, python, record) as opened:
        fitted = fit_target(opened, folder, probes, TerminalProgress())
    show(fitted.to_dict(), [latency_model_table(fitted.to_dict()), str(folder / MODEL)], as_json)
