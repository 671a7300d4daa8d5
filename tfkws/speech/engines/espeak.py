"""espeak-ng: many accents and variants, a hundredth of a second a word; synthetic to the ear."""

import importlib.util
import math
from collections.abc import Sequence

import numpy as np

from tfkws.data.prepare.espeak import ACCENTS, VARIANTS, VoiceSetting, speak_timed
from tfkws.speech.engines.engine import Engine
from tfkws.speech.phonemes import to_espeak
from tfkws.speech.requests import Request, Speech
from tfkws.speech.voice import Voice

_LANGUAGE_ACCENTS = {
    "en": ACCENTS,
    "de": ("de",),
    "es": ("es", "es-419"),
    "fr": ("fr", "fr-be", "fr-ch"),
    "it": ("it",),
}
_WORDS_A_MINUTE, _SLOWEST, _FASTEST = 165, 80, 450


def _missing() -> str:
    if importlib.util.find_spec("espeakng_loader") is None:
        return "espeak needs the package espeakng-loader; run `pip install 'tfkws[voices]'`."
    return ""


def _draw(rng: np.random.Generator, speakers: Sequence[str], language: str) -> Voice:
    accents = _LANGUAGE_ACCENTS[language]
    return Voice(
        "espeak",
        str(speakers[rng.integers(len(speakers))]),
        accents[rng.integers(len(accents))],
        rate=round(rng.uniform(0.7, 1.35), 2),
        pitch=round(2 ** rng.uniform(-0.7, 0.7), 2),
        inflection=round(rng.uniform(0.2, 0.8), 2),
    )


def _setting(voice: Voice) -> VoiceSetting:
    """Return espeak-ng's own settings: a pitch of 50 is its own, an octave takes about 50 steps."""
    return VoiceSetting(
        voice.accent,
        voice.name,
        pitch=round(np.clip(50 * (1 + math.log2(voice.pitch)), 0, 99)),
        pitch_range=round(100 * voice.inflection),
        rate_wpm=round(np.clip(_WORDS_A_MINUTE * voice.rate, _SLOWEST, _FASTEST)),
    )


def _speak(requests: Sequence[Request]) -> list[Speech]:
    return [_speak_one(request) for request in requests]


def _speak_one(request: Request) -> Speech:
    phrase = request.phrase
    said = to_espeak(phrase.phonemes) if phrase.phonemes else phrase.text
    text = " ".join(part for part in (request.before, said, request.after) if part)
    (speech,), rate_hz = speak_timed(text, [_setting(request.voice_of_take)], mnemonics=phrase.phonemes is not None)
    first = len(request.before) + 1 if request.before else 0
    starts = [sample for character, sample in speech.words if character >= first]
    after = [sample for character, sample in speech.words if character >= first + len(said)]
    samples = speech.samples.astype(np.float32) / 32768
    start = starts[0] if request.before and starts else 0
    return Speech(samples, rate_hz, start, after[0] if request.after and after else len(samples))


ENGINE = Engine(
    name="espeak",
    licence="GPL-3.0 or later",
    version=1,
    share=3,
    together=32,
    packages=("espeakng-loader",),
    missing=_missing,
    speakers={language: VARIANTS for language in _LANGUAGE_ACCENTS},
    draw=_draw,
    speak=_speak,
)
