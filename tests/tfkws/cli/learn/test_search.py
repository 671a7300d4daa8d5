"""`tfkws search`: what it prints of a search, and what it says to wrong options."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config import SearchConfig

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")


@pytest.fixture
def searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a finished toy search with one failed trial."""
    from fake_trainings import SPACE, ToyTraining, toy_macs

    from tfkws.tuner.search import run_search

    config = SearchConfig("toy", (12, 8), 100, 300, strategy="nsga2")
    folder = tmp_path / "search"
    run_search(config, ToyTraining(crash=(3,)), folder, space=SPACE, known_costs={"macs": toy_macs})
    return folder


def test_status_is_a_table_of_the_front(searched: Path) -> None:
    done = CliRunner().invoke(app, ["search", "--status", str(searched)], env={"COLUMNS": "160"})
    assert done.exit_code == 0
    front = json.loads((searched / "front.json").read_text())
    planned, members = front["planned"], front["members"]
    title = f"Fine-tuned front of {len(members)} after {planned} of {planned} trials (0 running, 0 stopped early, 1"
    assert " ".join(done.output.split()).startswith(title)
    assert all(f"{100 * m['top1_error']:.1f} ± {100 * m['standard_error']:.1f} %" in done.output for m in members)
    assert all(m["variant"]["convs"] in done.output for m in members)


def test_status_as_json_is_the_front_file(searched: Path) -> None:
    done = CliRunner().invoke(app, ["search", "--status", str(searched), "--json"])
    assert json.loads(done.output) == json.loads((searched / "front.json").read_text())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--status", "nowhere"], "nowhere holds no search; give the folder"),
        (["--resume", "--out", "nowhere"], "config.json does not exist"),
        ([], "needs --data"),
        (["--data", ".", "--stages", "3,x"], "--stages takes numbers of candidates such as 300,500. Received '3,x'."),
        (["--data", ".", "--stages", "0"], "at least one number of candidates"),
        (["--data", ".", "--strategy", "best"], "There is no strategy 'best'; choose ours, tpe, nsga2, random."),
        (["--data", ".", "--strategy", "our"], "Did you mean 'ours'?"),
        (["--data", ".", "--space", "paper-tabel"], "There is no search space 'paper-tabel'; choose paper-text"),
    ],
)
def test_wrong_options_are_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["search", *arguments])
    assert done.exit_code == 1
    assert sentence in done.output and "Traceback" not in done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.real_data
def test_a_real_search_killed_in_a_training_goes_on(speech_commands: Path, tmp_path: Path) -> None:
    import subprocess
    import time

    command = [sys.executable, "-m", "tfkws", "search", "--out", str(tmp_path / "s")]
    options = ["--task", "commands", "--words", "yes,no", "--max-macs", "3e6"]
    options += ["--stages", "2", "--iterations", "120", "--fine-tune", "0"]
    process = subprocess.Popen([*command, "--data", str(speech_commands), *options])
    while not list(tmp_path.glob("s/trials/*/checkpoint.npz")) and process.poll() is None:
        time.sleep(0.2)
    process.kill()
    process.wait()
    assert len((tmp_path / "s" / "journal.jsonl").read_text().splitlines()) < 4
    subprocess.run([*command, "--resume"], check=True)
    front = json.loads((tmp_path / "s" / "front.json").read_text())
    assert front["completed"] == 2 and front["members"]
