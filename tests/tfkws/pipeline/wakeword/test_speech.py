from collections import Counter
from dataclasses import replace

import pytest

from tfkws.config.wakeword import Effort, WakewordConfig
from tfkws.pipeline.wakeword.speech import FOREIGN_SHARE, NEAREST_OTHERS, all_said, ways_of
from tfkws.speech.hard_negatives import hard_negatives
from tfkws.speech.phrase import Phrase, parse_phrase

pytest.importorskip("espeakng_loader")
PHRASE = parse_phrase("computer")
SMALL = Effort(voices=6, takes=2, hard_negatives=8, negative_takes=3, sentences=8, validation_voices=3)
CONFIG = WakewordConfig("computer", sizes=SMALL)


def test_everything_is_said_by_voices_of_its_split() -> None:
    said = all_said(PHRASE, CONFIG, ["espeak"])
    counts = Counter((each.kind, each.split) for each in said)
    assert counts["phrase", "training"] == 12
    assert counts["phrase", "validation"] == 6
    assert counts["near", "training"] + counts["near", "validation"] == 24
    assert counts["near", "validation"] > 0
    assert counts["sentence", "training"] == 6
    voices = {
        split: {each.request.voice.id for each in said if each.split == split} for split in ("training", "validation")
    }
    assert not voices["training"] & voices["validation"]


def test_a_phrase_is_pronounced_by_turns_as_engines_and_as_the_dictionary_do() -> None:
    said = [each.request.said for each in all_said(PHRASE, CONFIG, ["espeak"]) if each.kind == "phrase"]
    assert Counter(said) == {PHRASE: 9, replace(PHRASE, phonemes=("K", "AH0", "M", "P", "Y", "UW1", "T", "ER0")): 9}
    vowels = {each.phonemes[1] for each in ways_of(parse_phrase("zero")) if each.phonemes}
    assert vowels == {"IH1", "IY1"}


@pytest.mark.parametrize("phrase", [parse_phrase("hallo welt", language="de"), parse_phrase("hey", "HH EY1")])
def test_a_pronunciation_that_is_given_is_the_only_one(phrase: Phrase) -> None:
    assert ways_of(phrase) == [phrase]


def test_the_list_is_the_same_each_time_and_nothing_is_in_it_twice() -> None:
    one, other = (all_said(PHRASE, CONFIG, ["espeak"]) for _ in range(2))
    assert one == other
    assert len({each.request for each in one}) == len(one)


def test_sentences_are_shared_by_phrases_and_seeds() -> None:
    mine = {each.request for each in all_said(PHRASE, CONFIG, ["espeak"]) if each.kind == "sentence"}
    other = WakewordConfig("athena", seed=4, sizes=SMALL)
    theirs = {each.request for each in all_said(parse_phrase("athena"), other, ["espeak"]) if each.kind == "sentence"}
    assert mine == theirs


def test_what_could_be_the_phrase_itself_is_not_a_negative() -> None:
    near = {each.request.phrase.phonemes or each.request.phrase.text for each in all_said(PHRASE, CONFIG, ["espeak"])}
    too_near = [each for each in hard_negatives(PHRASE, 16, 0) if each.distance < NEAREST_OTHERS]
    assert too_near
    assert not near & {each.phonemes or each.text for each in too_near}


def test_a_third_of_the_sentences_is_read_by_voices_of_other_languages() -> None:
    said = all_said(PHRASE, WakewordConfig("computer", sizes=replace(SMALL, sentences=60)), ["espeak"])
    accents = [each.request.voice.accent for each in said if each.kind == "sentence"]
    foreign = [accent for accent in accents if not accent.startswith("en")]
    assert len(foreign) == len(accents) // FOREIGN_SHARE
    assert {accent[:2] for accent in foreign} == {"de", "es", "fr", "it"}
    assert all(each.request.voice.accent.startswith("en") for each in said if each.kind != "sentence")
