from pathlib import Path

import pytest
from phrase_folders import phrases_folder, words_folder

from benchmarks.detectors.timelines import compose
from benchmarks.phrase.audio import PHRASES, all_audio, judged
from tfkws.detect.timeline.timeline import read_timeline


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    words, phrases = tmp_path_factory.mktemp("words"), tmp_path_factory.mktemp("phrases")
    return words_folder(words), phrases_folder(phrases, android="p001")


def test_each_phrase_has_a_file_and_every_recording_is_in_it(folders: tuple[Path, Path], tmp_path: Path) -> None:
    every = {each.plan.name: each for each in all_audio(*folders)}
    assert set(every) == {"happy", *PHRASES, "sentences", "words"}
    for name, label in (("hey_chatterbox", "hey chatterbox"), ("happy", "happy")):
        timeline = read_timeline(compose(every[name].plan, tmp_path).with_suffix(".json"))
        assert {one.label for one in timeline.utterances} == {label}
        assert len({event.file for event in timeline.events}) == (3 if name == "happy" else 2)


def test_who_speaks_is_told_where_it_is_known(folders: tuple[Path, Path]) -> None:
    every = {each.plan.name: each.plan.material.words for each in all_audio(*folders)}
    assert {each.speaker for each in every["android"]} == {"p001"}
    assert {each.speaker for each in every["athena"]} == {""}
    assert len({each.speaker for each in every["happy"]}) == 3


def test_a_file_that_may_hold_the_word_is_not_judged(folders: tuple[Path, Path]) -> None:
    every = all_audio(*folders)
    assert "hey_computer" not in {each.plan.name for each in judged(every, "computer")}
    assert {"computer", "hey_computer"} <= {each.plan.name for each in judged(every, "hey computer")}
    assert {each.plan.name for each in judged(every, "happy")} == {each.plan.name for each in every}
    assert {each.plan.name for each in judged(every, "okay lantern")} == {each.plan.name for each in every}
