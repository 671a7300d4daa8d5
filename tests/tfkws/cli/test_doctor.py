"""`tfkws doctor`: its findings as a table and as JSON."""

import json

from typer.testing import CliRunner

from tfkws.cli import app


def test_json_holds_what_the_table_shows() -> None:
    findings = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).stdout)
    shown = CliRunner().invoke(app, ["doctor"]).stdout
    assert len(findings) > 5
    assert all(finding["name"].split()[0] in shown for finding in findings)
