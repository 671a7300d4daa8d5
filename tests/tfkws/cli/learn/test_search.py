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
        (
            ["--resume", "--stages", "4", "--iterations", "50"],
            "began with; leave out --stages, --iterations.",
        ),
        (["--resume", "--data", "."], "leave out --data."),
        (["--status", "nowhere", "--hours", "2"], "--status only prints; leave out --hours."),
        (["--data", ".", "--seed", "-1"], "--seed must lie in 0..4294967295. Received -1."),
        (["--data", ".", "--seed", "4294967296"], "--seed must lie in 0..4294967295."),
        (["--data", ".", "--hours", "0.01"], "The budget of 0.01 hours is too short"),
        (["--data", ".", "--hours", "nan"], "A budget must be a number of hours. Received nan."),
        (["--data", ".", "--max-macs", "10"], "No candidate holds the limits {'macs': 10.0}"),
        (["--data", ".", "--max-kib", "5"], "No candidate holds the limits {'file_kib': 5.0}; the smallest has"),
        (["--data", ".", "--max-arena-kib", "2"], "No candidate holds the limits {'arena_kib': 2.0}"),
        (["--data", ".", "--max-p95-us", "900"], "come from --target or --latency-model"),
        (
            ["--data", ".", "--target", "qemu-aarch64:cortex-a76", "--max-p95-us", "900"],
            "--target qemu-aarch64:cortex-a76 counts instructions and tells no time: leave out --max-p95-us",
        ),
        (
            ["--data", ".", "--target", "qemu-aarch64", "--max-latency", "9", "--objective", "instructions"],
            "leave out --max-latency, or choose another source.",
        ),
        (
            ["--data", ".", "--target", "local", "--max-instructions", "1e6"],
            "--target local tells times and counts no instructions: leave out --max-instructions",
        ),
        (["--data", ".", "--workers", "5"], "5 workers need a lookahead of at least 4"),
        (["--data", ".", "--features", "mfc"], "There is no front end 'mfc'"),
        (["--data", ".", "--recipe", "qick"], "Did you mean 'quick'?"),
        (["--data", ".", "--out", __file__], "--out is a file"),
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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model": "sed_cnn"}, "sed_cnn"),
        ({"variant": {"convs": "3x{width}"}}, "convs must read like"),
        ({"variant": {"cnvs": "3x3,{width}"}}, "cnvs"),
        ({"variant": {"convs": "3x3,{width}", "strides": 3}}, "strides"),
    ],
)
def test_networks_that_cannot_be_built_are_told_before_the_clips_are_read(
    change: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    params = [{"name": "width", "low": 8, "high": 16, "step": 8}]
    space = {"name": "n", "model": "seed_cnn", "params": params, "variant": {"convs": "3x3,{width}"}} | change
    (tmp_path / "space.json").write_text(json.dumps(space))
    command = ["search", "--data", "nowhere", "--space", str(tmp_path / "space.json"), "--out", str(tmp_path / "s")]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1 and sentence in done.output and "Traceback" not in done.output
    assert not (tmp_path / "s").exists()


def test_the_end_names_the_folder_and_the_next_line(searched: Path) -> None:
    done = CliRunner().invoke(app, ["search", "--status", str(searched)], env={"COLUMNS": "160"})
    members = json.loads((searched / "front.json").read_text())["members"]
    best = min(members, key=lambda member: member["top1_error"])["number"]
    assert done.output.splitlines()[-2:] == [str(searched), f"Next: tfkws convert {searched}:{best} --quantize int8"]


def test_an_unfinished_search_names_the_line_that_goes_on(searched: Path) -> None:
    front = json.loads((searched / "front.json").read_text())
    (searched / "front.json").write_text(json.dumps(front | {"completed": 2}))
    done = CliRunner().invoke(app, ["search", "--status", str(searched)])
    assert done.output.splitlines()[-1] == f"Go on: tfkws search --resume --out {searched}"


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
