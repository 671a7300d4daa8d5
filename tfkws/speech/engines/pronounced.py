"""Requests as IPA, for engines that take phonemes: espeak-ng pronounces what has no pronunciation of its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tfkws.data.prepare.espeak import pronounce
from tfkws.speech.phonemes import to_ipa
from tfkws.speech.requests import Request

_LANGUAGE_SWITCH = re.compile(r"\([a-z-]+\)")  # "(fr)" before a word that espeak-ng takes for French


@dataclass(frozen=True)
class Pronounced:
    """The IPA of a request's three parts; `before` and `after` may be empty."""

    before: str
    said: str
    after: str

    @property
    def line(self) -> str:
        """Return all of it, a space between the parts."""
        return " ".join(part for part in (self.before, self.said, self.after) if part)


def pronounced(requests: Sequence[Request], accent: str) -> list[Pronounced]:
    """Return the IPA of requests in one accent of espeak-ng. Raises as `pronounce`."""
    texts = dict.fromkeys(text for request in requests for text in _texts(request))
    said = {
        text: _LANGUAGE_SWITCH.sub("", ipa) for text, ipa in zip(texts, pronounce(list(texts), accent), strict=True)
    }
    return [
        Pronounced(
            said.get(request.before, ""),
            to_ipa(request.phrase.phonemes) if request.phrase.phonemes else said[request.phrase.text],
            said.get(request.after, ""),
        )
        for request in requests
    ]


def _texts(request: Request) -> list[str]:
    own = [] if request.phrase.phonemes else [request.phrase.text]
    return [text for text in (request.before, *own, request.after) if text]
