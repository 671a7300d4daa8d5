"""`tfkws target list`: which targets can be used from here."""

from tfkws.cli.terminal.options import Json


def list_targets(as_json: Json = False) -> None:
    """List the forms of targets, whether they can be used from here, and the mend.

    Example: tfkws target list
    """
    from tfkws.cli.terminal.output import print_json, print_table
    from tfkws.tflite.targets.availability import usable_targets

    findings = usable_targets()
    if as_json:
        print_json([finding.to_dict() for finding in findings])
        return
    rows = [(finding.name, finding.status, finding.detail, finding.mend) for finding in findings]
    print_table("Targets", ("target", "state", "detail", "mend"), rows)
