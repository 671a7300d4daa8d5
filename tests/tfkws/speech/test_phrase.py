"""A phrase becomes words that can be said, or one sentence on why not."""

import pytest

from tfkws.errors import PhraseError
from tfkws.speech.phrase import LONGEST_WORDS, Phrase, parse_phrase


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Hey,  Computer!", "hey computer"),
        ("hey-computer", "hey computer"),
        ("DON’T stop", "don't stop"),
        ("'quoted'", "quoted"),
        ("Café Zoë", "cafe zoe"),
        ("straße", "strasse"),
        ("cafe\u0301", "cafe"),
        ("\thi there\n", "hi there"),
    ],
)
def test_a_phrase_is_normalised(typed: str, text: str) -> None:
    phrase = parse_phrase(typed)
    assert phrase == Phrase(text)
    assert phrase.words == tuple(text.split())
    assert parse_phrase(phrase.text) == phrase


def test_letters_of_other_languages_stay_in_them() -> None:
    assert parse_phrase("Hören Sie, Straße", language="de").text == "hören sie straße"
    assert parse_phrase("¿Oye, señor?", language="es").text == "oye señor"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "The phrase '' has no word; write what is to be said, such as 'hey computer'."),
        ("?!", "The phrase '?!' has no word; write what is to be said, such as 'hey computer'."),
        ("x", "The phrase 'x' is one letter, too short to be told from others; choose a word."),
        ("route 66", "The phrase 'route 66' holds digits; write them as they are said: 'route sixty six'."),
        ("1 2", "The phrase '1 2' holds digits; write them as they are said: 'one two'."),
        ("²", "The phrase '²' holds digits; write them as they are said."),
        ("r2d2", "The phrase 'r2d2' holds digits; write them as they are said."),
        ("12345", "The phrase '12345' holds digits; write them as they are said."),
        ("hi 😀", "The phrase 'hi 😀' holds '😀' (grinning face), which nobody says; write words."),
        ("hey @home", "The phrase 'hey @home' holds '@' (commercial at), which nobody says; write words."),
        (
            "привет",
            "The phrase 'привет' holds 'п', which English voices cannot say; write it in Latin letters as it sounds.",
        ),
        (
            "word " * 40,
            "The phrase has 40 words and 160 letters; a detector hears up to 6 words and 60 letters: choose a shorter "
            "one.",
        ),
    ],
)
def test_what_cannot_be_said_is_refused_in_one_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(PhraseError) as refused:
        parse_phrase(typed)
    assert str(refused.value) == sentence


def test_control_characters_are_not_printed_raw() -> None:
    with pytest.raises(PhraseError) as refused:
        parse_phrase("hi\x1b[31m")
    assert "\x1b" not in str(refused.value)


def test_the_longest_phrase_is_accepted() -> None:
    assert len(parse_phrase("go " * LONGEST_WORDS).words) == LONGEST_WORDS


def test_a_language_without_a_voice_is_refused() -> None:
    with pytest.raises(PhraseError, match="no voice for the language 'xx'; choose one of en .English., de"):
        parse_phrase("hello", language="xx")


def test_a_pronunciation_is_kept_in_arpabet_and_only_for_english() -> None:
    assert parse_phrase("hey", "HH EY1").phonemes == ("HH", "EY1")
    with pytest.raises(PhraseError, match="sounds of English"):
        parse_phrase("hallo", "HH EY1", language="de")
    with pytest.raises(PhraseError, match="no ARPAbet phoneme"):
        parse_phrase("hey", "HH QQ1")
