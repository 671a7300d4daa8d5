"""A phrase cut short, in another order, and with one sound changed."""

import itertools
from collections.abc import Iterator

from tfkws.speech.phoneme_distance import SOUND_NAMES, sounds_apart
from tfkws.speech.phonemes import VOWELS, WORD_GAP
from tfkws.speech.pronunciations import Phonemes

_MOST_ORDERED = 4  # words
_AUDIBLE, _FAR = 0.4, 0.8  # how far a sound must and may be from that in whose place it stands
_SHORTEST = 2  # sounds


def parts(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the neighbouring words of a phrase that are not all of it, the longest first.

    Example:
        >>> list(parts(("hey", "my", "house")))
        ['hey my', 'my house', 'hey', 'my', 'house']
    """
    for count in range(len(words) - 1, 0, -1):
        yield from (" ".join(words[first : first + count]) for first in range(len(words) - count + 1))


def orders(words: tuple[str, ...]) -> Iterator[str]:
    """Yield the words of a phrase in every other order; of more than four words, turned round and reversed."""
    if len(words) <= _MOST_ORDERED:
        others = list(itertools.permutations(words))
    else:
        others = [words[turn:] + words[:turn] for turn in range(1, len(words))] + [words[::-1]]
    yield from dict.fromkeys(" ".join(other) for other in others if other != words)


def partials(phonemes: Phonemes) -> Iterator[Phonemes]:
    """Yield beginnings and ends of a pronunciation, cut before a syllable inside a word; word gaps are kept.

    Example:
        >>> list(partials(("AH0", "L", "EH1", "K", "S", "AH0")))[0]
        ('AH0', 'L', 'EH1', 'K')
    """
    vowels = [number for number, sound in enumerate(phonemes) if sound[:2] in VOWELS]
    inner = [vowel for before, vowel in itertools.pairwise(vowels) if WORD_GAP not in phonemes[before:vowel]]
    cuts = [_onset(phonemes, vowel) for vowel in inner]
    yield from (phonemes[:cut] for cut in reversed(cuts) if cut >= _SHORTEST)
    yield from (phonemes[cut:] for cut in cuts if len(phonemes) - cut >= _SHORTEST)


def one_sound_changed(phonemes: Phonemes) -> Iterator[Phonemes]:
    """Yield a pronunciation with one of its sounds left out, or another in its place that is heard to be another.

    Vowels stay vowels, and those without stress stay: they are hardly heard.
    """
    for place, phoneme in enumerate(phonemes):
        name = phoneme.rstrip("012")
        stress = phoneme[len(name) :]
        if phoneme == WORD_GAP or stress == "0":
            continue
        for other in SOUND_NAMES:
            same_kind = (other in VOWELS) == (name in VOWELS)
            if same_kind and _AUDIBLE <= sounds_apart(name, other) <= _FAR:
                yield (*phonemes[:place], other + stress, *phonemes[place + 1 :])
        if name not in VOWELS:
            yield (*phonemes[:place], *phonemes[place + 1 :])


def _onset(phonemes: Phonemes, vowel: int) -> int:
    """Return where the syllable of a vowel begins: with the consonant before it, if that is in its word."""
    before = phonemes[vowel - 1]
    return vowel if before == WORD_GAP or before[:2] in VOWELS else vowel - 1
