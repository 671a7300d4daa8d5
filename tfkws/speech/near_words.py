"""Words of the word list that sound like others: rhymes, near ones, and pairs that are near together."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from tfkws.speech.phoneme_distance import EncodedSounds, distances, encode
from tfkws.speech.phonemes import VOWELS, without_stress
from tfkws.speech.pronunciations import Phonemes, word_list

_MOST_RHYMES, _MOST_NEAR, _PAIRS_A_CUT = 30, 40, 3
_SHORTEST_HALF = 2  # sounds


def rhymes(phonemes: Phonemes) -> list[str]:
    """Return words that end like one from its last stressed vowel on, the most frequent first.

    Args:
        phonemes: of one word, ARPAbet with stress.
    """
    ending = _ending(phonemes)
    own = without_stress(phonemes)
    found = [
        word.text for word in word_list() if _ending(word.phonemes) == ending and without_stress(word.phonemes) != own
    ]
    return list(dict.fromkeys(found))[:_MOST_RHYMES]


def near_words(sounds: Sequence[str]) -> list[str]:
    """Return the words that are nearest to some sounds by `phoneme_distance`, the nearest first.

    Args:
        sounds: ARPAbet without stress and word gaps.
    """
    return list(dict.fromkeys(_nearest(sounds, _MOST_NEAR)))


def near_pairs(sounds: Sequence[str]) -> Iterator[str]:
    """Yield pairs of words that are near to some sounds together, for each place where these can be cut in two."""
    for cut in range(_SHORTEST_HALF, len(sounds) - _SHORTEST_HALF + 1):
        halves = sounds[:cut], sounds[cut:]
        if all(VOWELS.intersection(half) for half in halves):
            firsts, seconds = (list(dict.fromkeys(_nearest(half, _PAIRS_A_CUT))) for half in halves)
            yield from (f"{first} {second}" for first in firsts for second in seconds)


def _nearest(sounds: Sequence[str], count: int) -> list[str]:
    words = word_list()
    apart = distances(sounds, _encoded_words())
    return [words[index].text for index in np.argsort(apart, kind="stable")[:count]]


@lru_cache(maxsize=1)
def _encoded_words() -> EncodedSounds:
    return encode([without_stress(word.phonemes) for word in word_list()])


def _ending(phonemes: Phonemes) -> Phonemes:
    """Return the sounds from the last vowel that carries stress, or from the last one."""
    vowels = [number for number, sound in enumerate(phonemes) if sound[:2] in VOWELS]
    stressed = [number for number in vowels if phonemes[number][-1] in "12"]
    start = (stressed or vowels or [0])[-1]
    return without_stress(phonemes[start:])
