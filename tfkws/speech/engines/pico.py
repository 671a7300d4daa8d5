"""SVOX Pico, in the package py-nanotts: one speaker a language, two of English; five thousandths of a second a word."""

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from tfkws.errors import SynthesisError
from tfkws.speech.engines.engine import Engine
from tfkws.speech.engines.part_by_part import speak_parts
from tfkws.speech.phonemes import to_sampa
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request, Speech
from tfkws.speech.voice import Voice

_RATE_HZ = 16_000
_SPEAKERS = {"en": ("en-US", "en-GB"), "de": ("de-DE",), "es": ("es-ES",), "fr": ("fr-FR",), "it": ("it-IT",)}


def _missing() -> str:
    if importlib.util.find_spec("py_nanotts") is None:
        return "pico needs the package py-nanotts; run `pip install 'tfkws[voices]'`."
    return ""


def _draw(rng: np.random.Generator, speakers: Sequence[str], language: str) -> Voice:
    """Draw a speaker; shifted in pitch and formants, as shorter and longer people are, since there are few."""
    name = str(speakers[rng.integers(len(speakers))])
    rate, pitch = round(rng.uniform(0.75, 1.4), 2), round(2 ** rng.uniform(-0.3, 0.3), 2)
    return Voice("pico", name, rate=rate, pitch=pitch)


def _speak(requests: Sequence[Request]) -> list[Speech]:
    return [_speak_one(request) for request in requests]


def _speak_one(request: Request) -> Speech:
    voice = request.voice_of_take

    def say(phrase: Phrase) -> np.ndarray:
        text = f"<phoneme alphabet=\"xsampa\" ph='{to_sampa(phrase.phonemes)}'/>" if phrase.phonemes else phrase.text
        try:
            sound = _pico().speak(text, voice=voice.name, speed=voice.rate / voice.pitch)
        except (RuntimeError, ValueError) as error:
            raise SynthesisError(f"pico cannot say {phrase.text!r} ({error}); leave it out of --engines.") from None
        return np.frombuffer(sound, np.int16).astype(np.float32) / 32768

    return speak_parts(request, say, round(_RATE_HZ * voice.pitch))


@lru_cache(maxsize=1)
def _pico() -> Any:
    import py_nanotts

    return py_nanotts.NanoTTS()


ENGINE = Engine(
    name="pico",
    licence="Apache-2.0",
    version=1,
    share=1,
    together=32,
    packages=("py-nanotts",),
    missing=_missing,
    speakers=_SPEAKERS,
    draw=_draw,
    speak=_speak,
)
