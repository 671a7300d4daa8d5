"""How far apart two pronunciations are to the ear: an edit distance whose costs follow how the sounds are made.

The weights are our own: voicing, place and manner of consonants; height, depth, glide and r-colour of vowels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.speech.phonemes import SOUNDS, VOWELS

SOUND_NAMES = tuple(SOUNDS)
_INDEX = {name: number for number, name in enumerate(SOUND_NAMES)}


@dataclass(frozen=True)
class _Consonant:
    """Voiced or not; place from the lips (0) to the glottis (6); how open (stop 0 to glide 3)."""

    voiced: bool
    place: float
    openness: float


@dataclass(frozen=True)
class _Vowel:
    """Height (0 open to 3 close) and depth (0 front to 2 back) where it begins and ends, and whether r colours it."""

    height: float
    depth: float
    end_height: float
    end_depth: float
    rhotic: bool = False


_CONSONANTS = {
    "P": _Consonant(False, 0, 0), "B": _Consonant(True, 0, 0), "T": _Consonant(False, 3, 0),
    "D": _Consonant(True, 3, 0), "K": _Consonant(False, 5, 0), "G": _Consonant(True, 5, 0),
    "CH": _Consonant(False, 4, 0.6), "JH": _Consonant(True, 4, 0.6), "F": _Consonant(False, 1, 1),
    "V": _Consonant(True, 1, 1), "TH": _Consonant(False, 2, 1), "DH": _Consonant(True, 2, 1),
    "S": _Consonant(False, 3, 1), "Z": _Consonant(True, 3, 1), "SH": _Consonant(False, 4, 1),
    "ZH": _Consonant(True, 4, 1), "HH": _Consonant(False, 6, 1.3), "M": _Consonant(True, 0, 2),
    "N": _Consonant(True, 3, 2), "NG": _Consonant(True, 5, 2), "L": _Consonant(True, 3, 2.6),
    "R": _Consonant(True, 4, 2.8), "W": _Consonant(True, 0.5, 3), "Y": _Consonant(True, 4.5, 3),
}  # fmt: skip
_VOWELS = {
    "IY": _Vowel(3, 0, 3, 0), "IH": _Vowel(2.5, 0.3, 2.5, 0.3), "EY": _Vowel(2, 0, 2.8, 0.1),
    "EH": _Vowel(1.3, 0.2, 1.3, 0.2), "AE": _Vowel(0.5, 0.3, 0.5, 0.3), "AA": _Vowel(0, 1.7, 0, 1.7),
    "AO": _Vowel(1, 2, 1, 2), "OW": _Vowel(2, 1.8, 2.6, 1.8), "UH": _Vowel(2.5, 1.7, 2.5, 1.7),
    "UW": _Vowel(3, 1.8, 3, 1.8), "AH": _Vowel(1.2, 1.2, 1.2, 1.2), "ER": _Vowel(1.8, 1, 1.8, 1, True),
    "AY": _Vowel(0.2, 1, 2.6, 0.2), "AW": _Vowel(0.2, 1, 2.6, 1.7), "OY": _Vowel(1.2, 1.9, 2.6, 0.2),
}  # fmt: skip
_RELATED = {("Y", "IY"): 0.4, ("W", "UW"): 0.4, ("R", "ER"): 0.4, ("Y", "IH"): 0.6, ("W", "UH"): 0.6}
_NOT_THERE_CONSONANT, _NOT_THERE_VOWEL = 0.6, 0.9


def _consonants_apart(one: _Consonant, other: _Consonant) -> float:
    voicing = 0.25 if one.voiced != other.voiced else 0.0
    return min(1.0, 0.1 + voicing + 0.12 * abs(one.place - other.place) + 0.25 * abs(one.openness - other.openness))


def _vowels_apart(one: _Vowel, other: _Vowel) -> float:
    begins = abs(one.height - other.height) + abs(one.depth - other.depth)
    ends = abs(one.end_height - other.end_height) + abs(one.end_depth - other.end_depth)
    return min(1.0, 0.1 + 0.13 * (begins + ends) + (0.15 if one.rhotic != other.rhotic else 0.0))


def sounds_apart(one: str, other: str) -> float:
    """Return how far two sounds are apart, 0 for the same to 1; ARPAbet without stress.

    Example:
        >>> sounds_apart("P", "B") < sounds_apart("P", "S") < sounds_apart("P", "IY")
        True
    """
    if one == other:
        return 0.0
    if one in _CONSONANTS and other in _CONSONANTS:
        return _consonants_apart(_CONSONANTS[one], _CONSONANTS[other])
    if one in _VOWELS and other in _VOWELS:
        return _vowels_apart(_VOWELS[one], _VOWELS[other])
    return _RELATED.get((one, other), _RELATED.get((other, one), 1.0))


_COSTS = np.array([[sounds_apart(one, other) for other in SOUND_NAMES] for one in SOUND_NAMES])
_GAPS = np.array([_NOT_THERE_VOWEL if name in VOWELS else _NOT_THERE_CONSONANT for name in SOUND_NAMES])


@dataclass(frozen=True)
class EncodedSounds:
    """Many pronunciations as rows of numbers: int64 (n, longest), and their lengths, int64 (n,)."""

    codes: np.ndarray
    lengths: np.ndarray


def encode(pronunciations: Sequence[Sequence[str]]) -> EncodedSounds:
    """Return pronunciations, ARPAbet without stress and word gaps, in the form that `distances` takes; none empty."""
    lengths = np.array([len(sounds) for sounds in pronunciations], np.int64)
    codes = np.zeros((len(pronunciations), int(lengths.max(initial=1))), np.int64)
    for row, sounds in enumerate(pronunciations):
        codes[row, : len(sounds)] = [_INDEX[sound] for sound in sounds]
    return EncodedSounds(codes, lengths)


def distances(sounds: Sequence[str], others: EncodedSounds) -> np.ndarray:
    """Return the weighted edit distance of one pronunciation to each of many: float64 (n,), 0 for the same.

    A sound that is missing costs 0.6, a vowel 0.9; one in place of another as `sounds_apart` says. (Wagner and Fischer
    1974, for all of `others` at once.)

    Args:
        sounds: ARPAbet without stress and word gaps.
        others: what `encode` returned.
    """
    codes = np.ascontiguousarray(others.codes.T)  # a row a place: each step goes over all words at once
    gaps = _GAPS[codes]
    costs = np.concatenate([np.zeros((1, codes.shape[1])), np.cumsum(gaps, axis=0)])
    for sound in (_INDEX[sound] for sound in sounds):
        changed = costs[:-1] + _COSTS[sound][codes]
        costs = costs + _GAPS[sound]
        np.minimum(costs[1:], changed, out=costs[1:])
        for place in range(len(codes)):
            np.minimum(costs[place + 1], costs[place] + gaps[place], out=costs[place + 1])
    return np.asarray(costs[others.lengths, np.arange(codes.shape[1])], np.float64)
