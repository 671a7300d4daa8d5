"""What the small networks of this page learn from: utterances of an engine, laid into seconds as microphones hear them.

Every set of engines gives the same number of seconds, so that what is compared is whose voices they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import fftconvolve

from tfkws.data.audio.files import CLIP_SAMPLES, SAMPLE_RATE_HZ
from tfkws.data.draws import keyed_generator
from tfkws.data.noise import COLOURS, coloured_noise
from tfkws.data.prepare.rooms import draw_room, simulate_response
from tfkws.speech.engines.table import ENGINES
from tfkws.speech.hard_negatives import hard_negatives
from tfkws.speech.phrase import Phrase
from tfkws.speech.requests import Request
from tfkws.speech.sentences import general_sentences
from tfkws.speech.utterances import speak_all
from tfkws.speech.voices import draw_voices

VOICES = {"espeak": 40, "kokoro": 40, "piper": 15, "pico": 15, "flite": 15}
TAKES, NEGATIVES, NEGATIVE_VOICES, SENTENCES = 3, 40, 2, 30
NEAREST = 0.1  # distance of negatives; nearer ones would teach so small a network to hear one voice only
KINDS = ("phrase", "near", "sentence")
SECONDS_OF_KIND = 1_500
ROOMS = 16


@dataclass(frozen=True)
class Pool:
    """What the voices of one engine said: int16 at 16 kHz, by kind of `KINDS`."""

    said: dict[str, list[np.ndarray]]


def engine_pool(phrase: Phrase, engine: str, cache: Path, workers: int) -> Pool:
    """Let training voices of an engine say the phrase, what sounds like it, and sentences; what was said is kept."""
    voices = draw_voices([engine], VOICES[engine], seed=0)
    asked = {"phrase": [Request(phrase, voice, take=take) for voice in voices for take in range(TAKES)]}
    near = [each.phrase() for each in hard_negatives(phrase, 4 * NEGATIVES, 0) if each.distance >= NEAREST][:NEGATIVES]
    turns = [(text, take) for take in range(NEGATIVE_VOICES) for text in near]
    asked["near"] = [Request(text, voices[turn % len(voices)]) for turn, (text, _) in enumerate(turns)]
    sentences = general_sentences(SENTENCES, 0, phrase)
    asked["sentence"] = [Request(text, voices[turn % len(voices)]) for turn, text in enumerate(sentences)]
    return Pool(
        {kind: [each.samples for each in speak_all(requests, cache, workers)] for kind, requests in asked.items()}
    )


def laid_seconds(pools: dict[str, Pool], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lay as many seconds of each kind, the engines by their shares.

    Args:
        pools: of the engines that the set has.

    Returns:
        int16 (n, 16000), and whether the phrase ends in the last quarter of each, int64 (n,).
    """
    engines = sorted(pools)
    shares = np.array([ENGINES[engine].share for engine in engines], float)
    responses = [simulate_response(draw_room(number, 0)) for number in range(ROOMS)]
    clips = np.zeros((len(KINDS) * SECONDS_OF_KIND, CLIP_SAMPLES), np.int16)
    labels = np.repeat([1, 0, 0], SECONDS_OF_KIND)
    for row in range(len(clips)):
        kind = KINDS[row // SECONDS_OF_KIND]
        rng = keyed_generator(seed, "second", row)
        pool = pools[engines[rng.choice(len(engines), p=shares / shares.sum())]]
        one, other = (_one_of(pool.said[each], rng) for each in (kind, "sentence"))
        clips[row] = _heard(_laid(one, other, kind, rng), responses, rng)
    return clips, labels


def _one_of(said: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    return said[rng.integers(len(said))].astype(np.float32) / 32768


def _laid(one: np.ndarray, other: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return a second: of a sentence any part; else what was said, ending in the last quarter, after other speech."""
    second = np.zeros(CLIP_SAMPLES, np.float32)
    if kind == "sentence":
        start = rng.integers(-CLIP_SAMPLES // 4, max(1, len(one) - CLIP_SAMPLES // 2))
        part = one[max(0, start) : start + CLIP_SAMPLES]
        second[max(0, -start) : max(0, -start) + len(part)] = part
        return second
    end = int(rng.integers(3 * CLIP_SAMPLES // 4, CLIP_SAMPLES + 1))
    part = one[-end:]
    second[end - len(part) : end] = part
    gap = end - len(part) - int(rng.uniform(0.05, 0.3) * SAMPLE_RATE_HZ)
    if gap > 0 and rng.random() < 0.5:
        before = other[:gap] if rng.random() < 0.5 else other[-gap:]
        second[gap - len(before) : gap] = before
    return second


def _heard(second: np.ndarray, responses: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Return a second as a microphone hears it: in a room or near, over noise, at any level."""
    if rng.random() < 0.6:
        response = responses[rng.integers(len(responses))]
        second = fftconvolve(second, response / np.sqrt(np.sum(response**2)))[: len(second)]
    power = float(np.mean(second**2)) + 1e-9
    colour = list(COLOURS)[rng.integers(len(COLOURS))]
    noise = coloured_noise(colour, len(second) / SAMPLE_RATE_HZ, rng, rms=1.0)
    second = second + noise * np.sqrt(power * 10 ** (-rng.uniform(3, 40) / 10))
    level = 10 ** (rng.uniform(-25, -1) / 20) / np.abs(second).max()
    return np.rint(second * level * 32767).astype(np.int16)
