"""The stage and the command: same seed, same result; lost audio costs F1; bad input is one sentence."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_bundles import write_loudness_bundle
from refused_commands import assert_refused
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config.hearing.simulation import AcousticsConfig, DeviceConfig, TrialsConfig
from tfkws.detect.over_air.scoring import Counts, mean_f1
from tfkws.errors import ConfigError
from tfkws.pipeline.over_air.score_log import score_log
from tfkws.pipeline.over_air.simulate import Simulation, simulate

NEAR = AcousticsConfig(distance_m=0.1, snr_db=40.0)
PLAN = Simulation(TrialsConfig(subjects=2, trials=2), NEAR, DeviceConfig(latency_ms=10.0))

Result = tuple[dict[str, Any], Path]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that hears the word "loud" in every second that is loud."""
    return write_loudness_bundle(tmp_path_factory.mktemp("bundle") / "loudness.kws")


@pytest.fixture(scope="module")
def result(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A simulation with synthesised voices, and the folder of its files."""
    out = tmp_path_factory.mktemp("out")
    (found,) = simulate([bundle], PLAN, out)
    return found, out


def test_the_result_says_what_it_is_a_result_of(result: Result) -> None:
    found, _ = result
    assert (found["word"], found["speech"], found["carriers"]) == ("loud", "synthetic", ["synthesis"])
    assert found["latency_s"] == 0.01 and found["latency_source"] == "given"
    assert found["settings"]["acoustics"]["distance_m"] == 0.1
    assert [trial["trial"] for trial in found["trials"]] == [1, 2, 1, 2]
    assert all(trial["windows"] == 19 for trial in found["trials"])
    assert found["lost_share"] == pytest.approx(19 * 0.01 / 20, abs=0.001)
    assert found["median_delay_s"] == pytest.approx(0.01)


def test_counts_add_up_and_give_the_mean(result: Result) -> None:
    found, _ = result
    for trial in found["trials"]:
        counts = trial["counts"]["utterances"]
        assert counts["tp"] + counts["fn"] == trial["utterances"] == 10
        assert sum(trial["counts"]["answers"].values()) == trial["windows"]
    trials = [Counts(**trial["counts"]["utterances"]) for trial in found["trials"]]
    assert found["mean_f1"] == pytest.approx(mean_f1([trials[:2], trials[2:]]))
    assert found["interval"][0] <= found["mean_f1"] <= found["interval"][1]


def test_the_same_settings_give_the_same_files(result: Result, bundle: Path, tmp_path: Path) -> None:
    _, out = result
    simulate([bundle], PLAN, tmp_path)
    assert sorted(path.name for path in out.iterdir()) == ["simulation-loudness.json", "simulation-loudness.jsonl"]
    for path in out.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_the_log_gives_the_same_score(result: Result) -> None:
    found, out = result
    scored = score_log(out / "simulation-loudness.jsonl")
    assert scored["mean_f1"] == pytest.approx(found["mean_f1"])
    assert scored["by_answers"]["mean_f1"] == pytest.approx(found["by_answers"]["mean_f1"])
    assert {subject["trials"] for subject in scored["subjects"]} == {2}


def test_a_slow_device_misses_what_it_never_heard(result: Result, bundle: Path, tmp_path: Path) -> None:
    found, _ = result
    slow = replace(PLAN, device=DeviceConfig(latency_ms=3_674.0))
    (lost,) = simulate([bundle], slow, tmp_path / "slow")
    (kept,) = simulate([bundle], replace(slow, device=replace(slow.device, capture="buffered")), tmp_path / "kept")
    assert lost["lost_share"] == pytest.approx(0.75, abs=0.01)
    assert lost["mean_f1"] < found["mean_f1"] - 0.2
    assert lost["by_answers"]["mean_f1"] > lost["mean_f1"] + 0.1
    assert lost["dropped_windows"] == 0 < kept["dropped_windows"]
    assert kept["longest_delay_s"] <= 3.674 + 3.674


def test_sliding_windows_and_waiting_speakers(bundle: Path, tmp_path: Path) -> None:
    plan = Simulation(
        TrialsConfig(subjects=1, trials=1, utterances=3, speaker="waiting"),
        NEAR,
        DeviceConfig(chunk_ms=0.0, latency_ms=20.0, capture="buffered"),
    )
    (found,) = simulate([bundle], plan, tmp_path)
    assert found["dropped_windows"] == 0 and found["windows"] > 20
    assert found["trials"][0]["utterances"] == 3


@pytest.mark.real_data
def test_real_speakers_are_those_of_the_testing_split(bundle: Path, speech_commands: Path, tmp_path: Path) -> None:
    plan = replace(PLAN, data=speech_commands, word="happy")
    with pytest.raises(ConfigError, match="hears loud and not 'happy'"):
        simulate([bundle], plan, tmp_path)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--word", "happi"], "The bundle hears loud and not 'happi'"),
        (["--latency-ms", "5", "--benchmark", "x.json"], "--latency-ms or --benchmark, not both"),
        (["--benchmark", "x.json"], "x.json does not exist"),
        (["--data", "nowhere"], "There is no data folder nowhere"),
        (["--chunk-ms", "2000"], "A chunk must be at most 1000 ms long"),
        (["--speaker", "patient"], "--speaker must be rhythm or waiting"),
        (["--microphone-low-hz", "9000"], "--microphone-low-hz must be below microphone_high_hz"),
        (["--response", "none.wav"], "none.wav"),
    ],
)
def test_bad_input_is_one_sentence(
    bundle: Path, options: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(["over-air", "simulate", str(bundle), *options], sentence, tmp_path, monkeypatch)


def test_two_bundles_of_one_name_are_refused(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="two are called alike"):
        simulate([bundle, bundle], PLAN, tmp_path)


def test_the_command_prints_tables_and_json(bundle: Path, tmp_path: Path) -> None:
    few = ["--subjects", "1", "--trials", "1", "--out", str(tmp_path), "--latency-ms", "10"]
    shown = CliRunner().invoke(app, ["over-air", "simulate", str(bundle), *few])
    assert shown.exit_code == 0, shown.stderr
    assert "mean F1" in shown.stdout and "a sentence every 2 s" in shown.stdout
    listed = CliRunner().invoke(app, ["over-air", "simulate", str(bundle), *few, "--json"])
    assert json.loads(listed.stdout)[0]["word"] == "loud"
    scored = CliRunner().invoke(app, ["over-air", "score", str(tmp_path / "simulation-loudness.jsonl"), "--json"])
    assert json.loads(scored.stdout)["mean_f1"] == json.loads(listed.stdout)[0]["mean_f1"]
    table = CliRunner().invoke(app, ["over-air", "score", str(tmp_path / "simulation-loudness.jsonl")])
    assert "Counted by answers" in table.stdout
