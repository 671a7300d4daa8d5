"""What a detector of a phrase will take for it: texts and pronunciations that are near it, each with its kind."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.data.draws import ranked
from tfkws.speech.changed_phrases import one_sound_changed, orders, partials, parts
from tfkws.speech.near_words import near_pairs, near_words, rhymes
from tfkws.speech.phoneme_distance import distances, encode
from tfkws.speech.phonemes import without_stress
from tfkws.speech.phrase import Phrase
from tfkws.speech.pronunciations import Phonemes, pronunciations_of, pronunciations_of_word

KINDS = ("part", "order", "partial", "rhyme", "sounds-alike", "one-phoneme")
_HEARD_AS_THE_SAME = 0.4  # a distance below it


@dataclass(frozen=True)
class Negative:
    """A text that is not the phrase and near it.

    Attributes:
        text: words; of `partial` and `one-phoneme`, the sounds in angle brackets.
        kind: one of `KINDS`.
        distance: of its sounds to those of the phrase, by the longer one's number: 0 the same, about 1 unlike. NaN
            where the language has no pronunciations here.
        phonemes: ARPAbet where no word is said like that; None for the engines' own pronunciation.
        language: that it is said in.
    """

    text: str
    kind: str
    distance: float
    phonemes: Phonemes | None = None
    language: str = "en"

    def phrase(self) -> Phrase:
        """Return it as what a voice can be asked to say."""
        return Phrase(self.text, self.phonemes, self.language)


def hard_negatives(phrase: Phrase, count: int, seed: int) -> list[Negative]:
    """Return up to `count` texts near a phrase, its kinds by turns, of each the nearest first.

    None of them is said like the phrase, or holds it. Of languages other than English there are parts and other orders
    of the words alone.

    Args:
        phrase: pronounced as it says itself, by the CMU dictionary, or by espeak-ng.
        count: at most.
        seed: int that orders what is about equally near.

    Raises:
        RuntimeUnavailableError: a package of words is not installed.
        SynthesisError: espeak-ng fails.
    """
    if phrase.language != "en":
        texts = [*((text, "part") for text in parts(phrase.words)), *((text, "order") for text in orders(phrase.words))]
        return [Negative(text, kind, float("nan"), None, phrase.language) for text, kind in texts][:count]
    by_kind = [_nearest_first(kind, phrase, seed) for kind in KINDS]
    turns = (each for turn in itertools.zip_longest(*by_kind) for each in turn if each is not None)
    unlike: dict[Phonemes, Negative] = {}
    for negative, sounds in turns:
        unlike.setdefault(sounds, negative)
    return list(unlike.values())[:count]


_Candidate = tuple[str, Phonemes | None]  # a text, and its pronunciation where that is not its own


def _nearest_first(kind: str, phrase: Phrase, seed: int) -> list[tuple[Negative, Phonemes]]:
    """Return the negatives of a kind with their sounds; in steps of a tenth of the distance, mixed by the seed."""
    candidates = list(dict.fromkeys(_candidates(kind, phrase)))
    if not candidates:
        return []
    said = [without_stress(phonemes or _said(text)) for text, phonemes in candidates]
    own = [without_stress(way) for way in pronunciations_of(phrase)]
    apart = np.min([distances(way, encode(said)) for way in own], axis=0)
    found = []
    for (text, phonemes), sounds, distance in zip(candidates, said, apart, strict=True):
        if distance >= _HEARD_AS_THE_SAME and not any(_holds(sounds, way) for way in own):
            relative = float(distance) / max(len(sounds), len(own[0]))
            found.append((Negative(text, kind, round(relative, 3), phonemes), sounds))
    mixed = [found[index] for index in ranked([negative.text for negative, _ in found], f"{seed}/")]
    return sorted(mixed, key=lambda each: round(each[0].distance, 1))


def _candidates(kind: str, phrase: Phrase) -> Iterator[_Candidate]:
    own = pronunciations_of(phrase)[0]
    if kind == "part":
        yield from ((text, None) for text in parts(phrase.words))
    elif kind == "order":
        yield from ((text, None) for text in orders(phrase.words))
    elif kind == "partial":
        yield from ((_bracketed(sounds), sounds) for sounds in partials(own))
    elif kind == "one-phoneme":
        yield from ((_bracketed(sounds), sounds) for sounds in one_sound_changed(own))
    elif kind == "rhyme":
        last = pronunciations_of_word(phrase.words[-1])[0] if phrase.phonemes is None else own
        before = " ".join(phrase.words[:-1])
        yield from ((f"{before} {word}".strip(), None) for word in rhymes(last))
    else:
        yield from ((text, None) for text in _sounding_alike(phrase, without_stress(own)))


def _sounding_alike(phrase: Phrase, sounds: Phonemes) -> Iterator[str]:
    """Yield the phrase with one word replaced by a near one; and words, and pairs of words, near the whole of it."""
    if phrase.phonemes is None:
        for number, word in enumerate(phrase.words):
            for near in near_words(without_stress(pronunciations_of_word(word)[0])):
                yield " ".join((*phrase.words[:number], near, *phrase.words[number + 1 :]))
    yield from near_words(sounds)
    yield from near_pairs(sounds)


def _said(text: str) -> Phonemes:
    return tuple(sound for word in text.split() for sound in pronunciations_of_word(word)[0])


def _bracketed(sounds: Phonemes) -> str:
    return f"<{' '.join(sounds)}>"


def _holds(sounds: Sequence[str], way: Sequence[str]) -> bool:
    """Return whether a pronunciation holds another one."""
    return any(tuple(sounds[first : first + len(way)]) == tuple(way) for first in range(len(sounds) - len(way) + 1))
