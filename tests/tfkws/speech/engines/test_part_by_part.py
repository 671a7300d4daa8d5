"""Parts that are said alone are joined by pauses, and told apart."""

import numpy as np

from tfkws.speech.engines.part_by_part import speak_parts
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.voice import Voice

RATE_HZ = 16_000
VOICE = Voice("pico", "en-US")


def say(phrase: Phrase) -> np.ndarray:
    """As many tenths of a second as the text has letters, with silence around."""
    silence = np.zeros(3200, np.float32)
    return np.concatenate([silence, np.full(1600 * len(phrase.text), 0.5, np.float32), silence])


def test_alone_it_is_trimmed() -> None:
    said = speak_parts(Request("abc", VOICE), say, RATE_HZ)
    assert (said.start, said.end, len(said.samples)) == (0, 4800, 4800)


def test_parts_stand_in_order_with_pauses_between() -> None:
    said = speak_parts(Request("abc", VOICE, "a", "ab"), say, RATE_HZ)
    assert said.end - said.start == 4800
    assert 1600 + 0.03 * RATE_HZ <= said.start <= 1600 + 0.15 * RATE_HZ
    assert np.all(said.samples[said.start : said.end] > 0)
    assert np.all(said.samples[1600 : said.start] == 0)
    assert said.samples[-3200:].min() > 0
    assert np.all(said.samples[said.end : -3200] == 0)


def test_pauses_repeat_with_the_request() -> None:
    one, again, other = (speak_parts(Request("abc", VOICE, "a", take=take), say, RATE_HZ).start for take in (0, 0, 1))
    assert one == again != other
