"""Old spellings of `tfkws profile` find their command and say the new one; `tfkws compare` explains."""

import errno
import json
from pathlib import Path

import pytest
from lively_networks import lively_file
from odd_files import odd_file
from typer.testing import CliRunner

import tfkws.pipeline.profile.operators
from tfkws.cli import app
from tfkws.cli.measure.profile import with_command

PROFILES = Path(__file__).parents[4] / "artifacts" / "published" / "profile"
FILES = [str(PROFILES / f"operators-{name}-int8.json") for name in ("kws10", "kws1")]


@pytest.mark.parametrize(
    ("args", "command"),
    [
        (["RUN/int8.tflite"], "operators"),
        (["--kernels", "builtin", "a.kws"], "operators"),
        (["kws10", "--device", "gpu"], "layers"),
        (["RUN"], "layers"),
    ],
)
def test_the_old_spelling_says_the_new_one(args: list[str], command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert with_command(args) == [command, *args]
    assert f"tfkws profile {command}" in capsys.readouterr().err


@pytest.mark.parametrize("args", [[], ["--help"], ["operators", "a.tflite"], ["layers", "kws10"]])
def test_a_new_spelling_stays_as_it_is(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert with_command(args) == args
    assert capsys.readouterr().err == ""


def test_the_sentences_of_a_comparison_stand_behind_the_table() -> None:
    values = json.loads(CliRunner().invoke(app, ["compare", *FILES, "--json"]).stdout)
    shown = CliRunner().invoke(app, ["compare", *FILES])
    assert shown.exit_code == 0, shown.stderr
    assert values["sentences"]
    assert shown.stdout.splitlines()[-len(values["sentences"]) :] == values["sentences"]


def test_a_missing_profile_is_one_sentence(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["compare", FILES[0], str(tmp_path / "gone.json")])
    assert done.exit_code == 1
    assert "gone.json" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["[1, 2]", "3", '"x"', "null", "{}", '{"rows": [[]]}', '{"kind": "keras-layers"}'])
def test_json_that_is_no_profile_is_one_sentence(tmp_path: Path, content: str) -> None:
    own = tmp_path / "own.json"
    own.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(app, ["compare", str(own), FILES[0]])
    assert done.exit_code == 1 and done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1
    assert "delete" not in done.stderr


@pytest.fixture
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not measure the machine."""
    monkeypatch.setattr("tfkws.tflite.profile.measure_roofline.roofline_for", lambda kernels, threads: None)


def odd_path(name: str, folder: Path) -> str:
    path = folder / f"{name}.tflite"
    path.write_bytes(odd_file(name))
    return str(path)


@pytest.mark.usefixtures("no_limits")
def test_an_open_length_is_asked_for_and_taken(tmp_path: Path) -> None:
    path = odd_path("dynamic_time", tmp_path)
    refused = CliRunner().invoke(app, ["profile", "operators", path])
    assert refused.exit_code == 1
    assert "say what to measure by --shape 1,N,6" in refused.stderr
    done = CliRunner().invoke(app, ["profile", "operators", path, "--runs", "5", "--shape", "1,20,6"])
    assert done.exit_code == 0, done.stderr
    assert "as it was measured" in done.stdout and "1x20x6" in done.stdout
    assert (tmp_path / "profile-dynamic_time-shape1x20x6.json").exists()


@pytest.mark.usefixtures("no_limits")
def test_a_file_with_state_says_so_and_writes_its_profile(tmp_path: Path) -> None:
    path = odd_path("streaming", tmp_path)
    done = CliRunner().invoke(app, ["profile", "operators", path, "--runs", "5", "--method", "submodels"])
    assert done.exit_code == 0, done.stderr
    assert "keeps state: each run is the next step of one stream" in done.stdout
    assert "of the call, unprofiled whole" in done.stdout
    assert (tmp_path / "profile-streaming-submodels.json").exists()


@pytest.mark.usefixtures("no_limits")
def test_a_custom_operator_is_named(tmp_path: Path) -> None:
    for command in (["profile", "operators"], ["benchmark"]):
        done = CliRunner().invoke(app, [*command, odd_path("custom_operator", tmp_path)])
        assert done.exit_code == 1
        assert "'StrangeOperator' is no operator of the runtime's own" in done.stderr


def test_no_runs_are_refused_by_the_options_name(tmp_path: Path) -> None:
    for command in (["profile", "operators"], ["benchmark"]):
        done = CliRunner().invoke(app, [*command, odd_path("scalars", tmp_path), "--runs", "0"])
        assert done.exit_code == 1
        assert "--runs must be at least 1. Received 0." in done.stderr


@pytest.mark.usefixtures("no_limits")
def test_what_was_measured_is_printed_even_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, value: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(tfkws.pipeline.profile.operators, "write_json", full)
    model = odd_path("hybrid", tmp_path)
    done = CliRunner().invoke(app, ["profile", "operators", model, "--runs", "5"])
    assert done.exit_code == 1
    assert "FULLY_CONNECTED" in done.stdout
    assert "Error: The result stands above and in no file: No space left on device" in done.stderr


@pytest.mark.usefixtures("software_gpu")
def test_compare_prints_kws12s_operators_cpu_beside_gpu(tmp_path: Path) -> None:
    model = tmp_path / "kws12.tflite"
    model.write_bytes(lively_file("kws12", "none").content)
    for how in (["--runtime", "litert-gpu", "--runs", "5"], ["--method", "submodels", "--runs", "5"]):
        done = CliRunner().invoke(app, ["profile", "operators", str(model), *how], env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.stderr
        assert ("software" in done.stdout) == ("litert-gpu" in how)
    both = [str(tmp_path / f"profile-kws12-{each}.json") for each in ("submodels", "litert-gpu")]
    shown = CliRunner().invoke(app, ["compare", *both], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.stderr
    assert "time 2 (software)" in shown.stdout.split("Second against first")[0]
    assert "MEAN" in shown.stdout and "SOFTMAX" in shown.stdout
    values = json.loads(CliRunner().invoke(app, ["compare", *both, "--json"]).stdout)
    assert [n for row in values["operators"] for n in row["operators"]] == list(range(9))
    assert all(row["first_us"] > 0 and row["second_us"] is not None for row in values["operators"])


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        (["--method", "prefixes"], "--method prefixes is for a GPU; give --runtime litert-gpu"),
        (["--runtime", "litert-gpu", "--kernels", "builtin"], "litert-gpu has no use for --kernels"),
    ],
)
def test_options_that_do_not_fit_the_processor_are_refused(tmp_path: Path, how: list[str], sentence: str) -> None:
    model = tmp_path / "gru.tflite"
    model.write_bytes(odd_file("gru"))
    done = CliRunner().invoke(app, ["profile", "operators", str(model), *how])
    assert done.exit_code == 1 and sentence in done.stderr and done.stderr.count("\n") == 1
