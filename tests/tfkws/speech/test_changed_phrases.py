"""Parts, orders and changes of a phrase."""

from tfkws.speech.changed_phrases import one_sound_changed, orders, partials, parts
from tfkws.speech.phoneme_distance import sounds_apart
from tfkws.speech.phonemes import VOWELS

HEY_COMPUTER = ("HH", "EY1", "|", "K", "AH0", "M", "P", "Y", "UW1", "T", "ER0")


def test_parts_are_neighbours_and_never_all() -> None:
    assert list(parts(("a", "b", "c"))) == ["a b", "b c", "a", "b", "c"]
    assert list(parts(("a",))) == []


def test_orders_are_all_others() -> None:
    assert list(orders(("a", "b"))) == ["b a"]
    assert len(list(orders(("a", "b", "c", "d")))) == 23
    assert list(orders(("a", "a"))) == []
    assert list(orders(("a", "b", "c", "d", "e")))[-1] == "e d c b a"


def test_partials_begin_or_end_the_phrase_inside_a_word() -> None:
    found = list(partials(HEY_COMPUTER))
    assert ("HH", "EY1", "|", "K", "AH0", "M", "P") in found
    assert ("T", "ER0") in found
    assert ("HH", "EY1", "|") not in found and ("HH", "EY1") not in found
    for part in found:
        assert HEY_COMPUTER[: len(part)] == part or HEY_COMPUTER[-len(part) :] == part
    assert list(partials(("K", "AE1", "T"))) == []
    assert list(partials(("G", "OW1", "|", "P", "L", "IY1", "Z"))) == []  # a cut before a word's first vowel is none


def test_one_sound_is_changed_to_one_that_is_heard() -> None:
    changed = list(one_sound_changed(HEY_COMPUTER))
    assert len(changed) == len(set(changed)) > 50
    for other in changed:
        if len(other) == len(HEY_COMPUTER):
            ((old, new),) = [(old, new) for old, new in zip(HEY_COMPUTER, other, strict=True) if old != new]
            assert (old[:2] in VOWELS) == (new[:2] in VOWELS)
            assert old[-1] != "0"
            assert sounds_apart(old.rstrip("012"), new.rstrip("012")) >= 0.4
        else:
            assert len(other) == len(HEY_COMPUTER) - 1
