"""An engine whose voices are tones, so that what is asked of engines can be tested without any."""

from collections.abc import Sequence

import numpy as np
import pytest

from tfkws.speech.engines.engine import Engine
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.requests import Request, Speech
from tfkws.speech.voice import Voice

RATE_HZ = 8_000


def tone(seconds: float, hz: float = 400.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ).astype(np.float32)


class ToneEngine:
    """Says a word as a tenth of a second of a tone, after and before half a second of silence; counts what it says."""

    def __init__(self, name: str, speakers: Sequence[str], share: int = 1, together: int = 3) -> None:
        self.asked: list[list[Request]] = []
        self.engine = Engine(
            name=name,
            licence="none",
            version=1,
            share=share,
            together=together,
            packages=(),
            missing=lambda: "",
            speakers={"en": tuple(speakers)},
            draw=self._draw,
            speak=self._speak,
        )

    def _draw(self, rng: np.random.Generator, speakers: Sequence[str], language: str) -> Voice:
        return Voice(self.engine.name, str(speakers[rng.integers(len(speakers))]), rate=round(rng.uniform(0.5, 2), 2))

    def _speak(self, requests: Sequence[Request]) -> list[Speech]:
        self.asked.append(list(requests))
        return [self._said(request) for request in requests]

    def _said(self, request: Request) -> Speech:
        silence = np.zeros(RATE_HZ // 2, np.float32)
        texts = request.before, request.phrase.text, request.after
        before, said, after = (tone(0.1 * len(text.split())) for text in texts)
        start = len(silence) + len(before)
        samples = 0.1 * np.concatenate([silence, before, said, after, silence])
        first, last = (start if request.before else 0), (start + len(said) if request.after else len(samples))
        return Speech(samples, RATE_HZ, first, last)


def install_engine(monkeypatch: pytest.MonkeyPatch, fake: ToneEngine) -> ToneEngine:
    """Let the table hold a fake engine beside the others."""
    monkeypatch.setitem(ENGINES, fake.engine.name, fake.engine)
    return fake
