from pathlib import Path

import pytest
from phrase_folders import phrases_folder, words_folder

from benchmarks.phrase.own_voice import TEN, laid_out, own_voice
from tfkws.data.splits import speaker_of, split_of


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    words, phrases = tmp_path_factory.mktemp("words"), tmp_path_factory.mktemp("phrases")
    return words_folder(words), phrases_folder(phrases, takes=14, android="p001")


def test_ten_are_drawn_by_seed_and_the_speaker_is_told_where_it_is_one(folders: tuple[Path, Path]) -> None:
    own = own_voice("android", 0, *folders)
    assert (len(set(own.files)), own.speaker) == (TEN, "p001")
    assert own == own_voice("android", 0, *folders)
    assert own.files != own_voice("android", 1, *folders).files
    assert own_voice("athena", 0, *folders).speaker == ""


def test_a_word_is_taken_of_one_speaker_who_is_not_tested(folders: tuple[Path, Path]) -> None:
    own = own_voice("happy", 0, *folders)
    assert len(own.files) == 6
    assert {speaker_of(file) for file in own.files} == {own.speaker}
    assert "testing" not in {split_of(file) for file in own.files}


def test_recordings_are_laid_out_once(folders: tuple[Path, Path], tmp_path: Path) -> None:
    own = own_voice("hey chatterbox", 0, *folders)
    folder = laid_out(own, tmp_path / "own")
    assert sorted(path.name for path in folder.iterdir()) == sorted(file.replace("/", "-") for file in own.files)
    times = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {path: path.stat().st_mtime_ns for path in laid_out(own, tmp_path / "own").iterdir()} == times
