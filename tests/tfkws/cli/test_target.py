"""`tfkws target`: forms as a table and as JSON, and refusals; what a target answers is tested with the targets."""

import json
from pathlib import Path

import pytest
from refused_commands import assert_refused
from typer.testing import CliRunner

from tfkws.cli import app


@pytest.mark.parametrize("name", ["local", "qemu-aarch64"])
def test_every_form_is_listed_with_its_status(name: str) -> None:
    runner = CliRunner()
    findings = json.loads(runner.invoke(app, ["target", "list", "--json"]).stdout)
    (finding,) = (one for one in findings if one["name"].startswith(name))
    assert finding["status"]
    assert finding["name"] in runner.invoke(app, ["target", "list"]).stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["target", "check", "replay:nothing"], "nothing holds no recording"),
        (["target", "check", "teletype:1"], "teletype:1"),
        (["target", "fit", "local", "--quantize", "nope"], "No conversion recipe is called"),
        (["target", "fit", "local", "--features", "nope"], "nope"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(arguments, sentence, tmp_path, monkeypatch)


def test_setup_of_other_targets_is_refused_in_one_sentence() -> None:
    result = CliRunner().invoke(app, ["target", "setup", "local"])
    assert result.exit_code == 1
    assert "Only qemu-aarch64 and software-gpu are set up. Received 'local'" in result.stderr.replace("\n", " ")
