"""What the small networks of this page learn from: what `tfkws wakeword --quick` says, laid into seconds by engine.

Every set of engines gives the same number of seconds, so that what is compared is whose voices they are.
"""

from collections.abc import Sequence

import numpy as np
from scipy.signal import fftconvolve

from tfkws.config.wakeword import WakewordConfig
from tfkws.data.audio.files import CLIP_SAMPLES, SAMPLE_RATE_HZ
from tfkws.data.draws import keyed_generator
from tfkws.data.noise import COLOURS, coloured_noise
from tfkws.data.prepare.rooms import draw_room, simulate_response
from tfkws.pipeline.wakeword.speech import all_said, speech_cache
from tfkws.speech.phrase import parse_phrase
from tfkws.speech.utterances import speak_all

KINDS = ("phrase", "near", "sentence")
SECONDS_OF_KIND = 1_000
ROOMS = 16

Pool = dict[str, list[np.ndarray]]  # by kind, what the voices of one engine said: int16 at 16 kHz


def engine_pools(word: str, engines: Sequence[str], workers: int) -> dict[str, Pool]:
    """Let training voices say what a quick detector of a phrase learns from; what was said before is not said again."""
    said = [
        each
        for each in all_said(parse_phrase(word), WakewordConfig(word, quick=True), engines)
        if each.split == "training"
    ]
    kinds = {each.request: each.kind for each in said}
    pools: dict[str, Pool] = {engine: {kind: [] for kind in KINDS} for engine in engines}
    for spoken in speak_all([each.request for each in said], speech_cache(), workers):
        pools[spoken.request.voice.engine][kinds[spoken.request]].append(spoken.samples)
    return pools


def laid_seconds(pools: Sequence[Pool], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Lay as many seconds of each kind; each utterance as often as another.

    Args:
        pools: of the engines that the set has.

    Returns:
        int16 (n, 16000), and whether the phrase ends in the last quarter of each, int64 (n,).
    """
    said = {kind: [utterance for pool in pools for utterance in pool[kind]] for kind in KINDS}
    responses = [simulate_response(draw_room(number, 0)) for number in range(ROOMS)]
    clips = np.zeros((len(KINDS) * SECONDS_OF_KIND, CLIP_SAMPLES), np.int16)
    labels = np.repeat([1, 0, 0], SECONDS_OF_KIND)
    for row in range(len(clips)):
        kind = KINDS[row // SECONDS_OF_KIND]
        rng = keyed_generator(seed, "second", row)
        one, other = (_one_of(said[each], rng) for each in (kind, "sentence"))
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
