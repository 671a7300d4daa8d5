"""A phrase as people type it, made into what a voice can say; or one sentence on why it cannot be."""

import re
import unicodedata
from dataclasses import dataclass

from tfkws.errors import PhraseError
from tfkws.printable import printable
from tfkws.speech.numerals import spelled
from tfkws.speech.phonemes import parse_phonemes

LANGUAGES = {"en": "English", "de": "German", "es": "Spanish", "fr": "French", "it": "Italian"}
LONGEST_WORDS, LONGEST_LETTERS = 6, 60
_PUNCTUATION = re.compile(r"[.,;:!?¡¿…\"“”«»()]+")
_HYPHENS = re.compile(r"[-‐‑–—_]")
_APOSTROPHES = re.compile(r"[’‘ʼ`´]")
_NOT_DECOMPOSED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})


@dataclass(frozen=True)
class Phrase:
    """What is to be said.

    Attributes:
        text: lower case, one space between words, no punctuation but apostrophes.
        phonemes: its pronunciation in ARPAbet with stress, `|` between words; None for that of each engine.
        language: of `LANGUAGES`.
    """

    text: str
    phonemes: tuple[str, ...] | None = None
    language: str = "en"

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words of its text."""
        return tuple(self.text.split())


def parse_phrase(text: str, phonemes: str | None = None, language: str = "en") -> Phrase:
    """Normalise a phrase, and refuse what no voice can say or no detector can be trained for.

    Args:
        text: as typed.
        phonemes: its pronunciation, where the engines' own is wrong: see `parse_phonemes`.
        language: one of `LANGUAGES`.

    Raises:
        PhraseError: the text is empty, has digits, signs or letters that are no part of words of that language, one
            letter only, too many words; the pronunciation is wrong; or no voice speaks the language.

    Example:
        >>> parse_phrase("Hey,  Computer!").text
        'hey computer'
    """
    if language not in LANGUAGES:
        known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise PhraseError(f"There is no voice for the language {language!r}; choose one of {known}.")
    words = _words(text, language)
    if phonemes is not None and language != "en":
        raise PhraseError("--phonemes are sounds of English; leave them out, or choose --language en.")
    return Phrase(" ".join(words), None if phonemes is None else parse_phonemes(phonemes), language)


def _words(text: str, language: str) -> list[str]:
    shown = printable(text.strip()[:LONGEST_LETTERS])
    plain = _HYPHENS.sub(" ", _APOSTROPHES.sub("'", _PUNCTUATION.sub(" ", unicodedata.normalize("NFC", text))))
    words = [word.strip("'") for word in plain.casefold().split()] if language != "de" else plain.lower().split()
    words = [word for word in words if word]
    if not words:
        raise PhraseError(f"The phrase {shown!r} has no word; write what is to be said, such as 'hey computer'.")
    if any(letter.isnumeric() for word in words for letter in word):
        raise PhraseError(
            f"The phrase {shown!r} holds digits; write them as they are said{_suggested(words, language)}."
        )
    words = [_letters_of(word, language, shown) for word in words]
    if len(words) > LONGEST_WORDS or sum(map(len, words)) > LONGEST_LETTERS:
        raise PhraseError(
            f"The phrase has {len(words)} words and {sum(map(len, words))} letters; a detector hears up to "
            f"{LONGEST_WORDS} words and {LONGEST_LETTERS} letters: choose a shorter one."
        )
    if sum(letter.isalpha() for word in words for letter in word) < 2:
        raise PhraseError(f"The phrase {shown!r} is one letter, too short to be told from others; choose a word.")
    return words


def _letters_of(word: str, language: str, shown: str) -> str:
    """Return a word in letters of its language; accents that English does not need are taken off."""
    if language == "en":
        decomposed = unicodedata.normalize("NFD", word.translate(_NOT_DECOMPOSED))
        word = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
    for letter in word:
        if letter == "'":
            continue
        if not letter.isalpha():
            name = unicodedata.name(letter, "a sign without a name").lower()
            raise PhraseError(
                f"The phrase {shown!r} holds {printable(letter)!r} ({name}), which nobody says; write words."
            )
        if "LATIN" not in unicodedata.name(letter, ""):
            raise PhraseError(
                f"The phrase {shown!r} holds {letter!r}, which {LANGUAGES[language]} voices cannot say; write it in "
                f"Latin letters as it sounds."
            )
    return word


def _suggested(words: list[str], language: str) -> str:
    if language != "en" or not all(word.isascii() and (word.isdigit() or word.isalpha()) for word in words):
        return ""
    said = [spelled(int(word)) if word.isdigit() and len(word) <= 4 else word for word in words]
    return f": {' '.join(said)!r}" if all(word.isalpha() or " " in word for word in said) else ""
