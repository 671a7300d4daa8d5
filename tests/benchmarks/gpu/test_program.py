"""The whole program on a CPU at a thousandth of its size: prepared, run, run again, taken in, scored."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks.__main__ import main as benchmarks_main
from benchmarks.gpu import prepare
from benchmarks.gpu.collect import model_folder
from benchmarks.gpu.prepare import WORDS, Wanted, network_of
from benchmarks.gpu.prepared import Plan
from benchmarks.gpu.program import main
from benchmarks.profile.gpu.measured import read_gpu_times
from tfkws.cli import app
from tfkws.cost import count
from tfkws.data.protocols import make_task
from tfkws.models import build_model
from tfkws.run_folder import read_json

pytest.importorskip("jax")
SECONDS = 600  # a busy machine must not fail it


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared folder of one network on a few synthetic clips of two words, without wheels."""
    clips, place = tmp_path_factory.mktemp("clips"), tmp_path_factory.mktemp("prepared")
    write_clips(clips)
    tasks = {WORDS: make_task("commands", ("yes", "no"))}
    prepare.prepare(place, Wanted(clips, ("kws12",), python="", tasks=tasks), lambda text: None)
    Plan((replace(network_of("kws12"), batch=4, iterations=3_000),), "a commit").save(place)
    return place


def write_clips(folder: Path) -> None:
    """Write tones of two heights as words, and noise as others, of ten speakers who all say each."""
    import soundfile

    rng = np.random.default_rng(0)
    for word, pitch in (("yes", 300), ("no", 1_500), ("up", 0)):
        (folder / word).mkdir()
        for speaker in range(30):
            tone = np.sin(2 * np.pi * pitch * np.arange(16_000) / 16_000) if pitch else rng.normal(0, 0.3, 16_000)
            soundfile.write(folder / word / f"{speaker:08x}_nohash_0.wav", 0.3 * tone, 16_000, subtype="PCM_16")
    for name, speakers in (("validation_list.txt", range(10)), ("testing_list.txt", range(10, 20))):
        lines = [f"{word}/{speaker:08x}_nohash_0.wav" for word in ("yes", "no", "up") for speaker in speakers]
        (folder / name).write_text("\n".join(lines) + "\n")


def run(folder: Path, results: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the prepared program as it is run on the machine: from its own folder, by its own sources."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.gpu",
        "--run",
        ".",
        "--out",
        str(results),
        "--scale",
        "0.001",
        *options,
    ]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


@pytest.fixture(scope="module")
def results(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("results")
    done = run(folder, place, "--device", "cpu", "--minutes", "15", "--seeds", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def test_every_step_leaves_its_file(results: Path) -> None:
    check = read_json(results / "check.json")
    assert check["backend"] == "jax" and check["packages"]["keras"]
    latency = read_json(results / "latency" / "kws12.json")
    assert 0 < latency["b1_us"]["p5"] <= latency["b1_us"]["median"] <= latency["b1_us"]["p95"]
    assert latency["trace"]["kernels"] > 6 and latency["all_ready"]
    layers = {name for row in latency["trace"]["rows"] for name in row["layers"]}
    assert "logits" in layers
    assert latency["params"] == count(build_model("kws12", latency["input"], latency["classes"])).params
    cpu = read_json(results / "litert" / "kws12-litert.json")
    assert cpu["median_us"] > 0 and cpu["commit"] == "a commit"
    on_gpu = read_json(results / "litert" / "kws12-litert-gpu.json")
    assert on_gpu.get("refused") or on_gpu["median_us"] > 0
    training = read_json(results / "trainings" / "kws12-seed0.json")
    assert training["finished"] and training["steps"] == training["planned_steps"] == 3
    assert set(training["accuracy_on_byte_maps"]) == {"validation", "testing"}


def test_what_is_there_is_not_done_again(folder: Path, results: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in results.rglob("*.json") if path.name != "check.json"}
    again = run(folder, results, "--device", "cpu", "--minutes", "15", "--seeds", "1")
    assert again.returncode == 0
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_without_a_card_it_stops_at_the_check(folder: Path, tmp_path: Path) -> None:
    done = run(folder, tmp_path, "--device", "gpu")
    assert done.returncode == 1 and "sees no GPU here" in done.stdout
    assert not list((tmp_path / "latency").iterdir())


def test_results_become_records_of_the_page_and_model_folders(folder: Path, results: Path, tmp_path: Path) -> None:
    card, models = tmp_path / "card", tmp_path / "models"
    options = ["--collect", str(results), "--folder", str(folder), "--card", str(card), "--models", str(models)]
    assert main(options) == 0
    times = read_gpu_times(card / "records")
    assert times["kws12"].latency_us == read_json(results / "latency" / "kws12.json")["b1_us"]["median"]
    assert "at a commit" in (card / "origin.md").read_text()
    config = json.loads((models / "kws12-seed0" / "config.json").read_text())
    assert config["model"]["name"] == "kws12" and config["train"]["iterations"] == 3


def test_of_a_large_network_the_scores_are_kept_and_no_weights(folder: Path, tmp_path: Path) -> None:
    code = "import sys, benchmarks.gpu.training as t; t.LARGEST_KEPT = 10; t.main(sys.argv[1:])"
    options = [str(folder), str(tmp_path), "kws12", "--scale", "0.0004", "--until", str(time.time() + SECONDS)]
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(folder)}
    (tmp_path / "trainings").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, *options], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "trainings").iterdir()] == ["kws12-seed0.json"]


def test_a_training_without_weights_is_told_and_the_others_are_taken_in(
    folder: Path, results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The machine sends no weights of large networks."""
    sent, card, models = tmp_path / "sent", tmp_path / "card", tmp_path / "models"
    shutil.copytree(results, sent, ignore=shutil.ignore_patterns("*.npz", "site", "logs"))
    assert main(["--collect", str(sent), "--folder", str(folder), "--card", str(card), "--models", str(models)]) == 0
    assert "kws12-seed0 came back without weights" in capsys.readouterr().out
    assert (card / "records" / "kws12.json").exists() and not models.exists()


def test_a_model_that_comes_back_is_scored_by_evaluate(folder: Path, results: Path, tmp_path: Path) -> None:
    """On the clips themselves, whose maps differ from those of bytes by half a step at most."""
    clips = tmp_path / "clips"
    clips.mkdir()
    write_clips(clips)
    record = results / "trainings" / "kws12-seed0.json"
    place = model_folder(folder, record, tmp_path)
    done = CliRunner().invoke(app, ["evaluate", str(place), "--data", str(clips), "--json"])
    assert done.exit_code == 0, done.output
    scored = json.loads(done.stdout)
    assert scored["split"] == "testing"
    assert scored["accuracy"] == pytest.approx(read_json(record)["accuracy_on_byte_maps"]["testing"], abs=0.1)


def test_the_program_is_told_of_beside_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    benchmarks_main([])
    assert "python -m benchmarks gpu --help" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        benchmarks_main(["gpu", "--run", "somewhere", "--collect", "elsewhere"])
