"""What is found in a model folder: every kind of result, each told apart from the others of its kind."""

from pathlib import Path

import pytest

from tfkws.errors import RunFolderError
from tfkws.report.collect import collect, read_model
from tfkws.run_folder import write_json


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder without results."""
    write_json(tmp_path / "model" / "config.json", {"synthetic_speech": True})
    write_json(tmp_path / "model" / "training.json", {})
    return tmp_path / "model"


def test_counted_instructions_and_times_by_the_binary_are_collected(folder: Path) -> None:
    write_json(folder / "binary-int8.json", {"mean_us": 75.0})
    write_json(folder / "instructions-int8-cortex-a53.json", {"unit": "instructions"})
    model = read_model(folder)
    assert model.binaries == {"int8": {"mean_us": 75.0}}
    assert model.instructions == {"int8-cortex-a53": {"unit": "instructions"}}


def test_a_stopped_benchmark_is_none_of_the_results(folder: Path) -> None:
    write_json(folder / "benchmark-int8.json", {"runs": 300})
    write_json(folder / "benchmark-int8.partial.json", {"runs": 100})
    model = read_model(folder)
    assert model.benchmarks == {"int8": {"runs": 300}}
    assert model.stopped == {"int8": {"runs": 100}}


def test_runs_of_one_file_with_other_settings_are_told_apart(folder: Path) -> None:
    for words in ("", "-builtin", "-2threads", "-ssh-pi@board"):
        write_json(folder / f"benchmark-int8{words}.json", {"model": "int8.tflite", "words": words})
    found = read_model(folder).benchmarks
    assert {key: result["words"] for key, result in found.items()} == {
        "int8": "",
        "int8-2threads": "-2threads",
        "int8-builtin": "-builtin",
        "int8-ssh-pi@board": "-ssh-pi@board",
    }


def test_an_evaluation_and_a_conversion_are_keyed_by_their_file(folder: Path) -> None:
    write_json(folder / "evaluation-int8-audio-testing.json", {"split": "testing"})
    write_json(folder / "int8.rejected.parity.json", {"passed": False})
    model = read_model(folder)
    assert list(model.evaluations) == ["int8-audio-testing"]
    assert list(model.parities) == ["int8.rejected"]


def test_models_in_trials_of_a_search_are_left_out(folder: Path) -> None:
    search = folder.parent / "search"
    write_json(search / "config.json", {})
    write_json(search / "front.json", {"members": []})
    write_json(search / "trials" / "0" / "training.json", {})
    results = collect(folder.parent)
    assert [model.folder for model in results.models] == [folder]
    assert [one.folder for one in results.searches] == [search]


def test_a_damaged_file_is_named(folder: Path) -> None:
    (folder / "benchmark-int8.json").write_text("{")
    write_json(folder / "benchmark-none.json", {"model": "none.tflite"})
    model = read_model(folder)
    assert list(model.benchmarks) == ["none"]
    assert len(model.left_out) == 1 and "benchmark-int8.json is not valid JSON" in model.left_out[0]


def test_a_detector_from_a_phrase_is_found_by_its_record(tmp_path: Path) -> None:
    write_json(tmp_path / "run" / "wakeword.json", {})
    write_json(tmp_path / "run" / "result.json", {"bundle": "a.kws"})
    write_json(tmp_path / "other" / "wakeword.json", {})
    results = collect(tmp_path)
    assert [(run.folder.name, run.record) for run in results.wakewords] == [("run", {"bundle": "a.kws"})]
    assert [sentence for sentence in results.left_out if "other holds an unfinished run" in sentence]


def test_a_folder_that_was_given_by_a_dot_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_json(tmp_path / "run" / "wakeword.json", {})
    write_json(tmp_path / "run" / "result.json", {})
    monkeypatch.chdir(tmp_path / "run")
    assert [run.folder for run in collect(Path()).wakewords] == [tmp_path / "run"]


def test_an_unfinished_run_is_told_how_it_goes_on(tmp_path: Path) -> None:
    write_json(tmp_path / "wakeword.json", {})
    with pytest.raises(RunFolderError, match="unfinished run of `tfkws wakeword`; go on by the same command"):
        collect(tmp_path)


def test_a_damaged_record_is_left_out_by_name(tmp_path: Path) -> None:
    write_json(tmp_path / "wakeword.json", {})
    (tmp_path / "result.json").write_text("{")
    results = collect(tmp_path)
    assert results.wakewords == ()
    assert "result.json is not valid JSON" in results.left_out[0]
