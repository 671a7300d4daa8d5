"""`tfkws doctor`: what is installed, what is broken, and the mend."""

from typing import Annotated

import typer


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Report versions, runtimes, decoders, microphone, GPU, targets and known traps, each with the mend.

    Exits 1 when something is installed that does not work.

    Example: tfkws doctor
    """
    from tfkws.cli.terminal.output import show, waiting
    from tfkws.doctor import examine
    from tfkws.tflite.gpu.adapters import find_adapters
    from tfkws.tflite.targets.kinds import usable_targets
    from tfkws.views.targets import findings_table

    with waiting("Trying runtimes, decoders, synthesiser, microphone and GPU ..."):
        findings = [finding.to_dict() for finding in (*examine(), *find_adapters(), *usable_targets())]
    show(findings, [findings_table("tfkws doctor", findings)], as_json)
    if any(finding["status"] == "broken" for finding in findings):
        raise typer.Exit(1)
