"""`tfkws doctor`: what is installed, what is broken, and the mend."""

from typing import Annotated

import typer


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Report versions, runtimes, decoders, microphone, GPU, targets and known traps, each with the mend.

    Exits 1 when something is installed that does not work.

    Example: tfkws doctor
    """
    from tfkws.cli.terminal.output import print_json, print_table, waiting
    from tfkws.doctor import examine
    from tfkws.tflite.targets.availability import usable_targets

    with waiting("Trying runtimes, decoders, synthesiser, microphone and GPU ..."):
        findings = [*examine(), *usable_targets()]
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    else:
        rows = [(f.group, f.name, f.status, f.detail, f.mend) for f in findings]
        print_table("tfkws doctor", ("group", "what", "state", "detail", "mend"), rows)
    if any(finding.status == "broken" for finding in findings):
        raise typer.Exit(1)
