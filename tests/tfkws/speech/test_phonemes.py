"""Pronunciations, read and written as each engine writes them."""

import re

import numpy as np
import pytest

from tfkws.data.prepare.espeak import VoiceSetting, pronounce, speak_timed
from tfkws.errors import PhraseError
from tfkws.speech.phonemes import SOUNDS, VOWELS, parse_phonemes, to_espeak, to_ipa, to_sampa, without_stress

COMPUTER = ("K", "AH0", "M", "P", "Y", "UW1", "T", "ER0")


@pytest.mark.parametrize(
    ("typed", "phonemes"),
    [
        ("K AH0 M P Y UW1 T ER0", COMPUTER),
        ("kəmpjˈuːɾɚ", COMPUTER),
        ("/kəmˈpjuːtɚ/", COMPUTER),
        ("HH EY1 | DH EH1 R", ("HH", "EY1", "|", "DH", "EH1", "R")),
        ("HH EY1, DH EH1 R", ("HH", "EY1", "|", "DH", "EH1", "R")),
        ("heɪ ðɛɹ", ("HH", "EY1", "|", "DH", "EH1", "R")),
        ("B AA K S", ("B", "AA1", "K", "S")),
        ("CH AE T ER", ("CH", "AE1", "T", "ER0")),
        ("t͡ʃætɚ", ("CH", "AE1", "T", "ER0")),
    ],
)
def test_a_pronunciation_is_read(typed: str, phonemes: tuple[str, ...]) -> None:
    assert parse_phonemes(typed) == phonemes


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "has no vowel"),
        ("S T", "has no vowel"),
        ("| , |", "has no vowel"),
        ("HH EYY1", "'EYY1' is no ARPAbet phoneme. Did you mean 'EY'"),
        ("B1 AA", "'B1' is no ARPAbet phoneme"),
        ("AA11", "'AA11' is no ARPAbet phoneme"),
        ("hey there", "'y' is no English sound"),
        ("ʘa", "'ʘ' is no English sound in IPA"),
    ],
)
def test_a_wrong_pronunciation_is_one_sentence(typed: str, reason: str) -> None:
    with pytest.raises(PhraseError, match=reason) as refused:
        parse_phonemes(typed)
    assert "\n" not in str(refused.value)


def test_ipa_is_read_back_as_it_was_written() -> None:
    every = tuple(sound for name in SOUNDS for sound in ((f"{name}1",) if name in VOWELS else (name,)))
    for word in (COMPUTER, ("HH", "EY1", "|", *COMPUTER), every):
        assert without_stress(parse_phonemes(to_ipa(word))) == without_stress(word)


WORDS = """see=S IY1|sit=S IH1 T|say=S EY1|set=S EH1 T|cat=K AE1 T|father=F AA1 DH ER0|law=L AO1|go=G OW1|good=G UH1 D
food=F UW1 D|cut=K AH1 T|bird=B ER1 D|my=M AY1|now=N AW1|boy=B OY1|pea=P IY1|cheese=CH IY1 Z|jam=JH AE1 M|van=V AE1 N
thin=TH IH1 N|vision=V IH1 ZH AH0 N|hay=HH EY1|sing=S IH1 NG|red=R EH1 D|way=W EY1|shoe=SH UW1
computer=K AH0 M P Y UW1 T ER0"""


def test_espeak_says_the_sounds_as_it_says_the_words() -> None:
    """Sample by sample: every sound stands in a word that espeak-ng pronounces by itself."""
    voice = VoiceSetting("en-us", "f2", 50, 50, 160)
    words = dict(word.split("=") for word in re.split(r"[|\n]", WORDS))
    assert {sound.rstrip("012") for said in words.values() for sound in said.split()} == set(SOUNDS)
    for word, said in words.items():
        ((by_word,), _) = speak_timed(word, [voice])
        ((by_sounds,), _) = speak_timed(to_espeak(tuple(said.split())), [voice], mnemonics=True)
        np.testing.assert_array_equal(by_word.samples, by_sounds.samples, word)
        if word != "computer":  # whose T espeak-ng writes as the flap that it is
            assert pronounce([word], "en-us") == [to_ipa(tuple(said.split()))]


def test_words_stay_apart() -> None:
    said = ("HH", "EY1", "|", "Y", "UW1")
    assert to_ipa(said) == "hˈeɪ jˈuː"
    assert to_espeak(said) == "[[h'eI]] [[j'u:]]"
    assert to_sampa(said) == "heIju"
