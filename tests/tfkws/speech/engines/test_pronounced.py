"""Requests become IPA: the phrase's own pronunciation, else espeak-ng's."""

import pytest

from tfkws.speech.engines.pronounced import pronounced
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice

pytest.importorskip("espeakng_loader")
VOICE = Voice("kokoro", "af_heart", "en-us")


def test_each_part_is_pronounced() -> None:
    (line,) = pronounced([Request("computer", VOICE, "please", "now")], "en-us")
    assert (line.before, line.said, line.after) == ("plˈiːz", "kəmpjˈuːɾɚ", "nˈaʊ")
    assert line.line == "plˈiːz kəmpjˈuːɾɚ nˈaʊ"


def test_a_pronunciation_is_taken_as_it_is() -> None:
    (line,) = pronounced([Request(Phrase("gif", ("JH", "IH1", "F")), VOICE)], "en-us")
    assert line.line == "dʒˈɪf"


def test_accents_differ_and_switches_of_language_are_left_out() -> None:
    here, there = (pronounced([Request("computer", VOICE)], accent)[0].said for accent in ("en-us", "en"))
    assert here != there
    assert "(" not in pronounced([Request("computer", VOICE)], "fr-be")[0].said
