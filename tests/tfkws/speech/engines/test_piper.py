"""Piper's joe, for real where its files are."""

import numpy as np
import pytest

from tfkws.speech.engines import piper
from tfkws.speech.engines.piper import ENGINE
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice

VOICE = Voice("piper", "joe", "en-us")


def test_each_symbol_is_followed_by_the_one_between() -> None:
    assert piper._tokens("abx", {"_": [0], "a": [5], "b": [6, 7]}) == [5, 0, 6, 7, 0]


@pytest.mark.skipif(bool(ENGINE.missing()), reason="Piper was not fetched (`tfkws data voices --fetch piper`)")
@pytest.mark.slow
def test_it_speaks_for_real() -> None:
    slow = Voice("piper", "joe", "en-us", rate=0.7)
    alone, within, slower = ENGINE.speak(
        [Request("computer", VOICE), Request("computer", VOICE, "please tell the", "now"), Request("computer", slow)]
    )
    assert 0 < within.start < within.end < len(within.samples)
    assert (within.end - within.start) / within.rate_hz == pytest.approx(0.45, abs=0.2)
    assert len(slower.samples) > 1.15 * len(alone.samples)
    assert np.abs(alone.samples).max() > 0.05
