"""SVOX Pico, for real."""

import importlib.util

import numpy as np
import pytest

from tfkws.speech.engines.pico import ENGINE
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice

VOICE = Voice("pico", "en-GB")
installed = pytest.mark.skipif(importlib.util.find_spec("py_nanotts") is None, reason="py-nanotts is not installed")


@installed
def test_it_speaks_nearly_the_same_every_time_faster_and_higher_on_request() -> None:
    voices = VOICE, Voice("pico", "en-GB", rate=1.4), Voice("pico", "en-GB", pitch=1.2), *[VOICE] * 4
    first, fast, high, *again = ENGINE.speak([Request("hey computer", voice) for voice in voices])
    for other in again:
        # It keeps a state from one utterance to the next: about 5 % of the samples differ, by 60 of 32,768.
        np.testing.assert_allclose(first.samples, other.samples, atol=0.01)
    assert len(fast.samples) < 0.85 * len(first.samples)
    assert high.rate_hz == 19_200
    assert len(high.samples) / high.rate_hz == pytest.approx(len(first.samples) / first.rate_hz, rel=0.1)


@installed
def test_it_says_sounds_and_carrier_words() -> None:
    sounds, within = ENGINE.speak([Request(Phrase("", ("HH", "EY1")), VOICE), Request("hey", VOICE, "oh", "you")])
    assert 0.1 < len(sounds.samples) / sounds.rate_hz < 1.2
    assert 0 < within.start < within.end < len(within.samples)


@installed
@pytest.mark.parametrize("language", ENGINE.speakers)
def test_every_language_speaks(language: str) -> None:
    for speaker in ENGINE.speakers[language]:
        (said,) = ENGINE.speak([Request(Phrase("alexa", None, language), Voice("pico", speaker))])
        assert np.abs(said.samples).max() > 0.01


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert ENGINE.missing() == "pico needs the package py-nanotts; run `pip install 'tfkws[voices]'`."
