"""`tfkws doctor`: its findings as JSON; the findings themselves are tested in tests/tfkws/test_doctor.py."""

import json

from typer.testing import CliRunner

from tfkws.cli import app


def test_every_finding_has_a_name_a_state_and_a_mend() -> None:
    findings = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)
    assert len(findings) > 5
    assert all(finding["name"] and finding["status"] and "mend" in finding for finding in findings)
