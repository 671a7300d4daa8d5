"""`tfkws wakeword`: what it refuses, and how it ends; what it makes is tested with its stage."""

import json
from pathlib import Path

import pytest
from refused_commands import assert_refused
from typer.testing import CliRunner
from wakeword_records import made_up_record

import tfkws.pipeline.wakeword.run
from tfkws.cli import app
from tfkws.pipeline.wakeword.run import Made


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["wakeword", ""], "has no word"),
        (["wakeword", "x"], "one letter"),
        (["wakeword", "route 66"], "holds digits"),
        (["wakeword", "🙂"], "which nobody says"),
        (["wakeword", "one two three four five six seven"], "choose a shorter one"),
        (["wakeword", "ordenador", "--language", "xx"], "There is no voice for the language"),
        (["wakeword", "computer", "--false-accepts-per-hour", "0"], "--false-accepts-per-hour must be above 0"),
        (["wakeword", "computer", "--max-macs", "-1"], "--max-macs must be above 0"),
        (["wakeword", "computer", "--front-end", "none"], "There is no front end 'none'"),
        (["wakeword", "computer", "--from", "none"], "none holds no finished run"),
        (["wakeword", "computer", "--engines", "parrot"], "There is no engine 'parrot'"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(arguments, sentence, tmp_path, monkeypatch)


def test_it_ends_with_the_few_numbers_the_report_and_the_line_to_type_next(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, page = Path("my run/hey_computer.kws"), Path("my run/report/index.html")
    made = Made(bundle, made_up_record(), page)
    monkeypatch.setattr(tfkws.pipeline.wakeword.run, "make_wakeword", lambda *_: made)
    done = CliRunner().invoke(app, ["wakeword", "hey computer", "--out", "my run"])
    assert done.exit_code == 0
    assert "5.0 % [1.7, 13.7] % of 60" in done.stdout and "0.5 (3 in 6 h)" in done.stdout
    assert done.stdout.splitlines()[-2:] == [str(page), str(bundle)]
    assert done.stderr.splitlines()[-1] == "Next: tfkws listen 'my run/hey_computer.kws'"
    as_json = json.loads(CliRunner().invoke(app, ["wakeword", "hey computer", "--out", "my run", "--json"]).stdout)
    assert (as_json["report"], as_json["path"]) == (str(page), str(bundle))
    assert as_json["rates"] == made.record["rates"]
