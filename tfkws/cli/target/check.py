"""`tfkws target check`: can a target time or count models?"""

from typing import Annotated

import typer

from tfkws.cli.terminal.options import Json, TargetPython


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
