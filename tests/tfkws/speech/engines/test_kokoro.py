"""Kokoro: an utterance for each request; with a made-up network, and for real where its files are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tfkws.speech.engines import kokoro
from tfkws.speech.engines.kokoro import ENGINE, SPEAKERS
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice

VOICE = Voice("kokoro", "af_heart:0.60+am_adam:0.40", "en-us")
FRAME = 600


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[int]]:
    """Let the network say each token for two frames, as its own number; return the tokens it was told."""
    pytest.importorskip("espeakng_loader")
    asked: list[list[int]] = []

    def synthesise(tokens: Sequence[int], voice: Voice) -> tuple[np.ndarray, np.ndarray]:
        asked.append(list(tokens))
        return np.repeat(np.array(tokens, np.float32), 2 * FRAME), np.full(len(tokens), 2.0, np.float32)

    symbols = {symbol: number + 1 for number, symbol in enumerate(" ,.!?abdefhijklmnoprstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒˈˌːθ")}
    monkeypatch.setattr(kokoro, "_synthesise", synthesise)
    monkeypatch.setattr(kokoro, "_symbols", lambda changed: symbols)
    monkeypatch.setattr(kokoro, "model_path", lambda file: tmp_path)
    return asked


def test_each_request_is_an_utterance_of_its_own(told: list[list[int]]) -> None:
    said = ENGINE.speak([Request("hey", VOICE, take=take) for take in range(3)])
    assert len(told) == 3
    for tokens, each in zip(told, said, strict=True):
        assert tokens[0] == tokens[-1] == 0
        np.testing.assert_array_equal(each.samples, np.repeat(np.array(tokens, np.float32), 2 * FRAME))
        assert (each.start, each.end) == (0, len(each.samples))
    assert len({each.rate_hz for each in said}) == 3  # takes differ in pitch


def test_carrier_words_are_told_apart(told: list[list[int]]) -> None:
    (said,) = ENGINE.speak([Request(Phrase("x", ("HH", "EY1")), VOICE, "please", "now")])
    (alone,) = ENGINE.speak([Request(Phrase("x", ("HH", "EY1")), VOICE)])
    middle = said.samples[said.start + kokoro._ONSET_SAMPLES : said.end]
    np.testing.assert_array_equal(middle, alone.samples[2 * FRAME : -4 * FRAME])


def test_a_text_that_is_too_long_is_refused(told: list[list[int]]) -> None:
    from tfkws.errors import SynthesisError

    with pytest.raises(SynthesisError, match="is too long to be said at once"):
        ENGINE.speak([Request("word " * 200, VOICE)])


def test_its_files_name_what_they_are_made_of() -> None:
    assert sum(file.size for file in kokoro.FILES) < 200e6
    assert kokoro.STYLES.size == len(kokoro._NAMES) * 510 * 256 * 4
    assert len(SPEAKERS["en"]) == 28


@pytest.mark.skipif(bool(ENGINE.missing()), reason="Kokoro was not fetched (`tfkws data voices --fetch kokoro`)")
@pytest.mark.slow
def test_it_speaks_for_real_the_same_every_time() -> None:
    asked = [*(Request("hey computer", VOICE, take=take) for take in range(3)), Request("stop", VOICE, "do", "it")]
    first, again = ENGINE.speak(asked), ENGINE.speak(asked)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.samples, other.samples)
    assert all(0.4 < len(each.samples) / each.rate_hz < 1.6 for each in first[:3])
    assert all(np.abs(each.samples).max() > 0.05 for each in first)
    assert 0 < first[3].start < first[3].end < len(first[3].samples)
