"""The list of targets: a table for people, the same findings as JSON for scripts."""

import json

import pytest
from typer.testing import CliRunner

from tfkws.cli import app


@pytest.mark.parametrize("name", ["local", "qemu-aarch64"])
def test_every_form_is_listed_with_its_status(name: str) -> None:
    runner = CliRunner()
    findings = json.loads(runner.invoke(app, ["target", "list", "--json"]).stdout)
    (finding,) = (one for one in findings if one["name"].startswith(name))
    assert finding["status"]
    assert finding["name"] in runner.invoke(app, ["target", "list"]).stdout
