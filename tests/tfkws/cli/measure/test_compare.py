"""`tfkws compare`: two published profiles."""

import json
from pathlib import Path

from typer.testing import CliRunner

from tfkws.cli import app

PROFILES = Path(__file__).parents[4] / "artifacts" / "published" / "profile"
FILES = [str(PROFILES / f"operators-{name}-int8.json") for name in ("kws10", "kws1")]


def test_the_sentences_stand_behind_the_table() -> None:
    values = json.loads(CliRunner().invoke(app, ["compare", *FILES, "--json"]).stdout)
    shown = CliRunner().invoke(app, ["compare", *FILES])
    assert shown.exit_code == 0, shown.stderr
    assert values["sentences"]
    assert shown.stdout.splitlines()[-len(values["sentences"]) :] == values["sentences"]


def test_a_missing_profile_is_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["compare", FILES[0], str(tmp_path / "gone.json")])
    assert done.exit_code == 1
    assert "gone.json" in done.stderr and "Traceback" not in done.stderr
