"""`tfkws export`: what it prints and refuses; what it makes is tested with its stage and with each form."""

import json
from pathlib import Path

import pytest
from fake_bundles import write_loudness_bundle
from refused_commands import assert_refused
from typer.testing import CliRunner

from tfkws.cli import app


def test_the_folder_is_named_with_what_to_type_next(tmp_path: Path) -> None:
    bundle = write_loudness_bundle(tmp_path / "loud.kws")
    done = CliRunner().invoke(app, ["export", str(bundle), "--to", "python"])
    assert done.exit_code == 0, done.output
    assert str(tmp_path / "loud-python") in done.stdout and "detect.py" in done.stdout
    assert f"Next: cd {tmp_path / 'loud-python'} && python self_test.py" in done.stderr.replace("\n", "")
    again = CliRunner().invoke(app, ["export", str(bundle), "--to", "python", "--force", "--json"])
    assert json.loads(again.stdout)["form"] == "python"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", "none.kws", "--to", "python"], "none.kws does not exist"),
        (["export", "none.kws", "--to", "pyhton"], "--to must be "),
        (["export", "int8.tflite", "--to", "python"], "tfkws bundle create"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(arguments, sentence, tmp_path, monkeypatch)
