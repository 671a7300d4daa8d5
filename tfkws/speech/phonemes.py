"""Pronunciations in ARPAbet, as the CMU dictionary writes them, and what the engines call the same sounds."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tfkws.errors import PhraseError, did_you_mean

WORD_GAP = "|"  # between the words of a pronunciation


@dataclass(frozen=True)
class Sound:
    """One ARPAbet phoneme, and its names in IPA (as espeak-ng writes it), espeak-ng's mnemonics and X-SAMPA."""

    arpabet: str
    ipa: str
    espeak: str
    sampa: str


SOUNDS = {
    sound.arpabet: sound
    for sound in (
        Sound("AA", "ɑː", "A:", "A"),
        Sound("AE", "æ", "a", "{"),
        Sound("AH", "ʌ", "V", "V"),
        Sound("AO", "ɔː", "O:", "O"),
        Sound("AW", "aʊ", "aU", "aU"),
        Sound("AY", "aɪ", "aI", "aI"),
        Sound("B", "b", "b", "b"),
        Sound("CH", "tʃ", "tS", "tS"),
        Sound("D", "d", "d", "d"),
        Sound("DH", "ð", "D", "D"),
        Sound("EH", "ɛ", "E", "E"),
        Sound("ER", "ɜː", "3:", "3`"),
        Sound("EY", "eɪ", "eI", "eI"),
        Sound("F", "f", "f", "f"),
        Sound("G", "ɡ", "g", "g"),
        Sound("HH", "h", "h", "h"),
        Sound("IH", "ɪ", "I", "I"),
        Sound("IY", "iː", "i:", "i"),
        Sound("JH", "dʒ", "dZ", "dZ"),
        Sound("K", "k", "k", "k"),
        Sound("L", "l", "l", "l"),
        Sound("M", "m", "m", "m"),
        Sound("N", "n", "n", "n"),
        Sound("NG", "ŋ", "N", "N"),
        Sound("OW", "oʊ", "oU", "oU"),
        Sound("OY", "ɔɪ", "OI", "OI"),
        Sound("P", "p", "p", "p"),
        Sound("R", "ɹ", "r", "r"),
        Sound("S", "s", "s", "s"),
        Sound("SH", "ʃ", "S", "S"),
        Sound("T", "t", "t", "t"),
        Sound("TH", "θ", "T", "T"),
        Sound("UH", "ʊ", "U", "U"),
        Sound("UW", "uː", "u:", "u"),
        Sound("V", "v", "v", "v"),
        Sound("W", "w", "w", "w"),
        Sound("Y", "j", "j", "j"),
        Sound("Z", "z", "z", "z"),
        Sound("ZH", "ʒ", "Z", "Z"),
    )
}
VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])
# Vowels without stress that the engines write with letters of their own.
_REDUCED = {"AH": Sound("AH", "ə", "@", "@"), "ER": Sound("ER", "ɚ", "3", "@`"), "IY": Sound("IY", "i", "i", "i")}
_STRESS_IPA = {"1": "ˈ", "2": "ˌ"}
_STRESS_ESPEAK = {"1": "'", "2": ","}
# IPA as people and dictionaries write it, longest first where one begins another; to ARPAbet without stress.
_FROM_IPA = {
    **{"tʃ": "CH", "t͡ʃ": "CH", "ʧ": "CH", "dʒ": "JH", "d͡ʒ": "JH", "ʤ": "JH", "aʊ": "AW", "aɪ": "AY", "eɪ": "EY"},
    **{"oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY", "iː": "IY", "uː": "UW", "ɑː": "AA", "ɔː": "AO", "ɜːɹ": "ER", "ɜː": "ER"},
    **{"ɝ": "ER", "ɚ": "ER", "ɜ": "ER", "əɹ": "ER", "i": "IY", "u": "UW", "ɑ": "AA", "ɒ": "AA", "ɔ": "AO"},
    **{"æ": "AE", "a": "AE", "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɛ": "EH", "e": "EH", "ɪ": "IH", "ᵻ": "IH", "ɨ": "IH"},
    **{"ʊ": "UH", "o": "OW", "b": "B", "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "h": "HH", "k": "K"},
    **{"l": "L", "ɫ": "L", "m": "M", "n": "N", "ŋ": "NG", "p": "P", "ɹ": "R", "r": "R", "s": "S", "ʃ": "SH"},
    **{"t": "T", "ɾ": "T", "θ": "TH", "v": "V", "w": "W", "j": "Y", "z": "Z", "ʒ": "ZH"},
}
_IPA_SOUND = re.compile("|".join(sorted(map(re.escape, _FROM_IPA), key=len, reverse=True)))
_SCHWA = frozenset(("ə", "ɐ", "ɚ", "əɹ", "ᵻ", "ɨ"))  # never stressed


def parse_phonemes(text: str) -> tuple[str, ...]:
    """Read a pronunciation in ARPAbet or IPA.

    Args:
        text: ARPAbet in capitals with spaces between phonemes and `|` or `,` between words ("HH EY1 | Y UW1"), or
            IPA with spaces between words ("heɪ juː").

    Returns:
        ARPAbet; each vowel ends in its stress (0, 1 or 2), and `|` stands between words.

    Raises:
        PhraseError: it is empty, a sound is unknown, or there is no vowel.

    Example:
        >>> parse_phonemes("HH EY1 | Y UW"), parse_phonemes("hˈeɪ juː")
        (('HH', 'EY1', '|', 'Y', 'UW1'), ('HH', 'EY1', '|', 'Y', 'UW1'))
    """
    text = text.strip().strip("/[]")
    words = _arpabet_words(text) if re.fullmatch(r"[A-Z0-2 |,]+", text) else _ipa_words(text)
    words = [_stressed(word) for word in words if word]
    if not any(sound[:2] in VOWELS for word in words for sound in word):
        raise PhraseError(
            f"--phonemes {text!r} has no vowel; write ARPAbet, such as 'HH EY1 | Y UW1', or IPA, such as 'hˈeɪ jˈuː'."
        )
    return tuple(sound for number, word in enumerate(words) for sound in (*([WORD_GAP] if number else []), *word))


def to_ipa(phonemes: tuple[str, ...]) -> str:
    """Return a pronunciation as espeak-ng writes it in IPA: the stress stands before the vowel.

    Example:
        >>> to_ipa(("K", "AH0", "M", "P", "Y", "UW1", "T", "ER0"))
        'kəmpjˈuːtɚ'
    """
    return _joined(phonemes, " ", lambda sound, stress: _STRESS_IPA.get(stress, "") + sound.ipa)


def to_espeak(phonemes: tuple[str, ...]) -> str:
    """Return a pronunciation in espeak-ng's mnemonics, in the brackets that tell it so.

    Example:
        >>> to_espeak(("HH", "EY1"))
        "[[h'eI]]"
    """
    words = _joined(phonemes, "]] [[", lambda sound, stress: _STRESS_ESPEAK.get(stress, "") + sound.espeak)
    return f"[[{words}]]"


def to_sampa(phonemes: tuple[str, ...]) -> str:
    """Return a pronunciation in X-SAMPA, words joined."""
    return _joined(phonemes, "", lambda sound, stress: sound.sampa)


def without_stress(phonemes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sounds alone, without stress and word gaps."""
    return tuple(sound.rstrip("012") for sound in phonemes if sound != WORD_GAP)


def _joined(phonemes: tuple[str, ...], gap: str, written: Callable[[Sound, str], str]) -> str:
    parts = []
    for phoneme in phonemes:
        if phoneme == WORD_GAP:
            parts.append(gap)
            continue
        name = phoneme.rstrip("012")
        stress = phoneme[len(name) :]
        sound = _REDUCED.get(name, SOUNDS[name]) if stress == "0" else SOUNDS[name]
        parts.append(written(sound, stress))
    return "".join(parts)


def _arpabet_words(text: str) -> list[list[str]]:
    words = [part.split() for part in re.split(r"[|,]", text)]
    for sound in (sound for word in words for sound in word):
        name = sound.rstrip("012")
        if name not in SOUNDS or len(sound) > len(name) + (name in VOWELS):
            raise PhraseError(f"--phonemes: {sound!r} is no ARPAbet phoneme.{did_you_mean(name, SOUNDS)}")
    return words


def _ipa_words(text: str) -> list[list[str]]:
    return [_ipa_word(word) for word in text.split()]


def _ipa_word(word: str) -> list[str]:
    sounds: list[str] = []
    stress = ""
    rest = word
    while rest:
        if rest[0] in "ˈˌ'":
            stress = "2" if rest[0] == "ˌ" else "1"
            rest = rest[1:]
        elif found := _IPA_SOUND.match(rest):
            name = _FROM_IPA[found[0]]
            rest = rest[found.end() :]
            if name in VOWELS:
                sounds.append(name + (stress or ("0" if found[0] in _SCHWA else "")))
                stress = ""
            else:
                sounds.append(name)
        elif rest[0] in "ː.-ˑ‿ʰ͡":
            rest = rest[1:]
        else:
            raise PhraseError(
                f"--phonemes: {rest[0]!r} is no English sound in IPA, and {word!r} no ARPAbet; write ARPAbet, such as "
                "'HH EY1 | Y UW1', or IPA, such as 'hˈeɪ jˈuː'."
            )
    return sounds


def _stressed(word: list[str]) -> list[str]:
    """Give each vowel a stress: where none is stressed the first full vowel is, as in words of one syllable."""
    if not any(sound[-1] in "12" for sound in word):
        first = next((number for number, sound in enumerate(word) if sound in VOWELS), None)
        word = [f"{sound}1" if number == first else sound for number, sound in enumerate(word)]
    return [f"{sound}0" if sound in VOWELS else sound for sound in word]
