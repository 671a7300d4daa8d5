"""Carrier words for engines that do not tell where a word begins: each part is said alone, and they are joined."""

from collections.abc import Callable

import numpy as np

from tfkws.data.draws import keyed_generator
from tfkws.data.prepare.synthetic_clip import trim
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request, Speech

_SHORTEST_GAP_S, _LONGEST_GAP_S = 0.03, 0.15


def speak_parts(request: Request, say: Callable[[Phrase], np.ndarray], rate_hz: int) -> Speech:
    """Say what is asked for, and the words around it after short pauses.

    Args:
        say: returns float32 (n,) of a phrase, at `rate_hz`.
    """
    rng = keyed_generator("gap", request.voice.id, request.phrase.text, request.take)
    said = trim(say(request.phrase))
    if not request.before and not request.after:
        return Speech(said, rate_hz, 0, len(said))
    gaps = [np.zeros(round(rate_hz * gap), np.float32) for gap in rng.uniform(_SHORTEST_GAP_S, _LONGEST_GAP_S, 2)]
    before = [trim(say(Phrase(request.before))), gaps[0]] if request.before else []
    after = [gaps[1], trim(say(Phrase(request.after)))] if request.after else []
    start = sum(map(len, before))
    return Speech(np.concatenate([*before, said, *after]), rate_hz, start, start + len(said))
