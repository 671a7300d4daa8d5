"""`tfkws over-air compose` and `score` from the shell's side, one after the other."""

import json
from pathlib import Path

import pytest
from fake_bundles import write_loudness_bundle
from timeline_folders import write_clips, write_sentences
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.cli.over_air import read_ratios


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["over-air", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_compose_then_score(tmp_path: Path) -> None:
    clips, night = write_clips(tmp_path / "clips"), tmp_path / "night"
    options = ("--words", "happy", "--hours", 0.05, "--snr-db", "clean,10", "--rooms", "dry", "--split", "all")
    code, _, err = run("compose", clips, night, *options)
    assert code == 0 and "0.05 h in 1 files" in err and "belong to the training split" in err
    timeline = json.loads((night / "hour-000.json").read_text())
    assert timeline["about"]["settings"]["snr_db"] == [None, 10.0]
    bundle = write_loudness_bundle(tmp_path / "ears.kws")
    code, out, err = run("score", bundle, night, "--threshold", 0.9, "--out", tmp_path / "result")
    assert code == 0 and "false accepts an hour" in out
    assert "composed from recordings" in out and "10 dB" in out and "at threshold 0.9000" in out
    (written,) = (tmp_path / "result").glob("long-audio-ears-*.json")
    assert str(written) in err.replace("\n", "")
    code, out, _ = run("score", bundle, night, "--out", tmp_path / "result", "--json")
    assert code == 0 and json.loads(out)["words"] == ["loud"]


def test_words_are_given_with_commas_or_one_an_option_and_folders_either_way(tmp_path: Path) -> None:
    clips = write_clips(tmp_path / "clips")
    sentences = ("--sentences", write_sentences(tmp_path / "said"), "--sentence-share", 1)
    options = ("--hours", 0.02, "--snr-db", "clean", "--rooms", "dry", "--split", "all", *sentences)
    composed = []
    for name, places, words in [
        ("a", (clips, tmp_path / "a"), ("--words", "happy,cat")),
        ("b", ("--data", clips, "--out", tmp_path / "b"), ("--word", "happy", "--words", "cat")),
    ]:
        code, out, _ = run("compose", *places, *words, *options, "--json")
        assert code == 0
        made = json.loads(out)
        assert (made["folder"], made["files"]) == (str(tmp_path / name), ["hour-000.flac"])
        about = json.loads((tmp_path / name / "hour-000.json").read_text())["about"]
        assert about["settings"]["words"] == ["happy", "cat"]
        composed.append((tmp_path / name / "hour-000.flac").read_bytes())
    assert composed[0] == composed[1]


def test_refusals_are_one_sentence(tmp_path: Path) -> None:
    clips = write_clips(tmp_path / "clips")
    for arguments, sentence in [
        (("--words", "hapy"), "Did you mean 'happy'?"),
        (("--words", "happy", "--snr-db", "loud"), "--snr-db takes numbers and clean"),
        (("--words", "happy", "--split", "training"), "--split must be validation, testing or all"),
        ((), "--words must name the wake word"),
    ]:
        code, _, err = run("compose", clips, tmp_path / "out", *arguments)
        assert (code, sentence in " ".join(err.split())) == (1, True), err
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("text", "ratios"), [("", (None, 20.0, 10.0)), ("clean", (None,)), ("-5, 3", (-5.0, 3.0))])
def test_ratios(text: str, ratios: tuple[float | None, ...]) -> None:
    assert read_ratios(text) == ratios
