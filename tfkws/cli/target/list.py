"""`tfkws target list`: which targets can be used from here."""

from tfkws.cli.terminal.options import Json


def list_targets(as_json: Json = False) -> None:
    """List the forms of targets, whether they can be used from here, and the mend.

    Example: tfkws target list
    """
    from tfkws.cli.terminal.output import show
    from tfkws.tflite.targets.kinds import usable_targets
    from tfkws.views.targets import findings_table

    findings = [finding.to_dict() for finding in usable_targets()]
    show(findings, [findings_table("Targets", findings)], as_json)
