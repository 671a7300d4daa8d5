"""espeak-ng behind the table: settings, carrier words, pronunciations."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from tfkws.speech.engines.espeak import _LANGUAGE_ACCENTS, ENGINE
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice

pytest.importorskip("espeakng_loader")

VOICE = Voice("espeak", "f2", "en-us")


def test_faster_is_shorter_and_higher_is_higher() -> None:
    slow, fast, high = ENGINE.speak(
        [Request("backward", voice) for voice in (VOICE, replace(VOICE, rate=1.3), replace(VOICE, pitch=1.5))]
    )
    assert len(fast.samples) < 0.85 * len(slow.samples)
    assert _pitch_hz(high.samples, high.rate_hz) > 1.2 * _pitch_hz(slow.samples, slow.rate_hz)


def _pitch_hz(samples: np.ndarray, rate_hz: int) -> float:
    """The strongest lag of the loudest 50 ms, 80 to 500 Hz."""
    size = rate_hz // 20
    loudest = max(range(0, len(samples) - size, size), key=lambda at: float(np.sum(samples[at : at + size] ** 2)))
    part = samples[loudest : loudest + size]
    lags = range(rate_hz // 500, rate_hz // 80)
    return rate_hz / max(lags, key=lambda lag: float(np.corrcoef(part[lag:], part[:-lag])[0, 1]))


def test_carrier_words_are_said_around_it() -> None:
    alone, within = ENGINE.speak([Request("computer", VOICE), Request("computer", VOICE, "please tell the", "now")])
    assert (alone.start, alone.end) == (0, len(alone.samples))
    assert 0 < within.start < within.end < len(within.samples)
    said = (within.end - within.start) / within.rate_hz
    assert said == pytest.approx(0.5, abs=0.2)


def test_a_pronunciation_is_said_in_place_of_the_text() -> None:
    by_sounds, by_word = ENGINE.speak([Request(Phrase("xyz", ("HH", "EY1")), VOICE), Request("hey", VOICE)])
    np.testing.assert_array_equal(by_sounds.samples, by_word.samples)
    (within,) = ENGINE.speak([Request(Phrase("xyz", ("HH", "EY1")), VOICE, "oh", "you")])
    assert 0 < within.start < within.end < len(within.samples)


@pytest.mark.parametrize("language", _LANGUAGE_ACCENTS)
def test_every_accent_speaks(language: str) -> None:
    for accent in _LANGUAGE_ACCENTS[language]:
        (said,) = ENGINE.speak([Request(Phrase("alexa", None, language), Voice("espeak", "", accent))])
        assert np.abs(said.samples).max() > 0.01


def test_a_drawn_voice_is_one_that_speaks() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        voice = ENGINE.draw(rng, ENGINE.speakers["en"], "en")
        (said,) = ENGINE.speak([Request("yes", voice)])
        assert np.any(said.samples)


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert ENGINE.missing() == "espeak needs the package espeakng-loader; run `pip install 'tfkws[voices]'`."
