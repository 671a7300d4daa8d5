"""`tfkws target check`: can a target time or count models?"""

from typing import TYPE_CHECKING, Annotated

import typer

from tfkws.cli.terminal.options import Json, TargetPython

if TYPE_CHECKING:
    from tfkws.tflite.targets.questions import DeviceFacts


def check(
    target: Annotated[
        str,
        typer.Argument(help="local, ssh://[user@]host[:port], adb:SERIAL, qemu-aarch64[:CPU] or replay:DIR."),
    ],
    runtime: Annotated[str, typer.Option(help="litert or tflite_runtime.")] = "litert",
    python: TargetPython = "",
    as_json: Json = False,
) -> None:
    """Connect to a target and say what it is and has; exit 1 with the mend where models cannot run there.

    Example: tfkws target check ssh://pi@raspberrypi
    """
    from tfkws.cli.terminal.output import print_json, say, waiting
    from tfkws.tflite.targets.open import open_target
    from tfkws.tflite.targets.questions import read_facts, require, try_runtime

    with waiting(f"Asking {target} ..."), open_target(target, python) as session:
        facts = read_facts(session)
        print_json(facts.to_dict()) if as_json else _print(facts)
        require(facts, runtime, needed_bytes=0)
        version = try_runtime(session, runtime)
    say(f"{target} runs models with {runtime} {version}.")


def _print(facts: "DeviceFacts") -> None:
    from tfkws.cli.terminal.output import print_table
    from tfkws.units import format_bytes

    packages = ", ".join(f"{name} {version}" for name, version in facts.packages.items()) or "none"
    rows = [
        ("architecture", facts.architecture), ("system", facts.system), ("cores", facts.cores),
        ("free for temporary files", format_bytes(facts.free_bytes)), ("python", facts.python or "none"),
        ("packages", packages),
    ]  # fmt: skip
    print_table(facts.target, ("what", "found"), rows)
