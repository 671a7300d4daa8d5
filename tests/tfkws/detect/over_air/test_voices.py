"""Subjects from a folder of clips, and synthesised ones."""

from pathlib import Path

import numpy as np
import pytest

from tfkws.config.hearing.simulation import TrialsConfig
from tfkws.data.audio.files import write_clip
from tfkws.data.splits import split_of
from tfkws.detect.over_air.voices import Subject, recorded_subjects, sentences_of_trial, synthetic_subjects
from tfkws.errors import DataError

TESTING = [name for name in (f"{number:08x}" for number in range(200)) if split_of(name) == "testing"]
SETTINGS = TrialsConfig(subjects=2, utterances=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of three speakers: two with other words, one without, and a speaker of the training split."""
    path = tmp_path_factory.mktemp("clips")
    training = next(name for name in (f"{number:08x}" for number in range(50)) if split_of(name) == "training")
    for speaker, words in zip([*TESTING[:3], training], (("up", "down"), ("up", "go"), (), ("up",)), strict=True):
        for take, word in enumerate(("happy", "happy", *words)):
            (path / word).mkdir(exist_ok=True)
            samples = np.zeros(16_000, np.int16)
            samples[4_000 : 8_000 + 100 * take] = 3_000
            write_clip(path / word / f"{speaker}_nohash_{take}.wav", samples)
    return path


def test_subjects_are_speakers_of_the_testing_split_with_their_own_carriers(folder: Path) -> None:
    subjects = recorded_subjects(folder, "happy", TrialsConfig(subjects=3, utterances=4))
    assert sorted(subject.name for subject in subjects) == sorted(TESTING[:3])
    carriers = {subject.name: subject.carrier for subject in subjects}
    assert [carriers[name] for name in TESTING[:3]] == ["same speaker", "same speaker", "other speakers"]
    assert {subject.source for subject in subjects} == {"recorded"}
    assert all(len(subject.sentences) == 4 for subject in subjects)


def test_the_same_seed_gives_the_same_sentences(folder: Path) -> None:
    first, second = (recorded_subjects(folder, "happy", SETTINGS) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert one.name == other.name
        for sentence, same in zip(one.sentences, other.sentences, strict=True):
            np.testing.assert_array_equal(sentence.samples, same.samples)


def test_a_sentence_without_carriers_is_the_word(folder: Path) -> None:
    (subject, _) = recorded_subjects(folder, "happy", TrialsConfig(subjects=2, utterances=4, carrier_words=0))
    assert subject.carrier == "none"
    assert all(sentence.spoken.word == (0, sentence.spoken.samples) for sentence in subject.sentences)


@pytest.mark.parametrize(
    ("word", "settings", "sentence"),
    [
        ("happi", SETTINGS, "Did you mean 'happy'"),
        ("happy", TrialsConfig(subjects=4), "3 testing speakers of 'happy' and --subjects asks for 4"),
        ("happy", TrialsConfig(subjects=1, carrier_words=9), "too few clips of other words for --carrier-words 9"),
    ],
)
def test_too_few_clips_are_refused(folder: Path, word: str, settings: TrialsConfig, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        recorded_subjects(folder, word, settings)


def test_trials_take_the_sentences_in_turns(folder: Path) -> None:
    (subject, _) = recorded_subjects(folder, "happy", SETTINGS)
    short = Subject("a", "recorded", "none", subject.sentences[:3])
    numbers = {id(sentence): number for number, sentence in enumerate(short.sentences)}
    taken = [[numbers[id(each)] for each in sentences_of_trial(short, 4, trial)] for trial in range(2)]
    assert taken == [[0, 1, 2, 0], [1, 2, 0, 1]]


def test_synthesised_voices_are_named_such_and_differ() -> None:
    first, second = synthetic_subjects("happy", SETTINGS)
    assert (first.source, first.carrier) == ("synthetic", "synthesis")
    assert first.name != second.name
    assert first.sentences[0].spoken != second.sentences[0].spoken
    last = synthetic_subjects("happy", TrialsConfig(subjects=1, word_position="last"))[0].sentences[0].spoken
    assert last.word == (last.samples - (first.sentences[0].spoken.word[1]), last.samples)
