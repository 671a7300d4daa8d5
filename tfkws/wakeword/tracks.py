"""Tracks: short stretches of sound laid from utterances, each one room and one noise, drawn from its number alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.data.draws import keyed_generator
from tfkws.data.noise import COLOURS, coloured_noise
from tfkws.detect.timeline.mixing import SPEECH_DBFS, convolved, factor, noise_stretch, room_tone
from tfkws.wakeword.rooms import drawn_room
from tfkws.wakeword.variation import varied

POSITIVE = "phrase"


@dataclass(frozen=True)
class Pool:
    """Utterances of one kind, and how often one of them is laid.

    Attributes:
        kind: "phrase" for the phrase itself; any other name for what is not it.
        utterances: float32 or int16 (n,) each, 16 kHz, trimmed.
        share: of all that is laid, with those of the other pools 1 in sum or scaled to it.
    """

    kind: str
    utterances: Sequence[np.ndarray]
    share: float


@dataclass(frozen=True)
class TrackSettings:
    """How a track is laid.

    Attributes:
        seconds: its length.
        dry, quiet: shares of tracks without a room response and without noise.
        snr_db: lowest and highest ratio of speech to noise.
        gain_db: lowest and highest gain of the whole.
        spread_db: of single utterances around it, either way.
        gap_s: shortest and longest pause.
        strength: of `varied`.
    """

    seconds: float = 40.0
    dry: float = 0.35
    quiet: float = 0.3
    snr_db: tuple[float, float] = (-2.0, 30.0)
    gain_db: tuple[float, float] = (-22.0, 10.0)
    spread_db: float = 4.0
    gap_s: tuple[float, float] = (0.02, 0.9)
    strength: float = 1.0


@dataclass(frozen=True)
class Laid:
    """Where something lies on a track: from sample to sample, of which pool and which of its utterances."""

    start: int
    end: int
    kind: str
    number: int


@dataclass(frozen=True)
class Track:
    """Sound and what is said in it: float32 (samples,) in -1..1."""

    audio: np.ndarray
    laid: tuple[Laid, ...]


def lay_track(pools: Sequence[Pool], noises: Sequence[np.ndarray], settings: TrackSettings, *key: object) -> Track:
    """Lay one track, drawn from `key` alone."""
    rng = keyed_generator(*key)
    count = round(settings.seconds * SAMPLE_RATE_HZ)
    speech = np.zeros(count, np.float32)
    laid: list[Laid] = []
    shares = np.array([pool.share if len(pool.utterances) else 0.0 for pool in pools])
    at = round(rng.uniform(0.05, 0.8) * SAMPLE_RATE_HZ)
    while True:
        pool = pools[int(rng.choice(len(pools), p=shares / shares.sum()))]
        number = int(rng.integers(len(pool.utterances)))
        samples = varied(as_float(pool.utterances[number]), rng, settings.strength)
        if at + len(samples) > count:
            break
        speech[at : at + len(samples)] += samples * factor(rng.uniform(-1, 1) * settings.spread_db)
        laid.append(Laid(at, at + len(samples), pool.kind, number))
        at += len(samples) + round(_gap_s(settings, rng) * SAMPLE_RATE_HZ)
    if rng.random() >= settings.dry:
        speech = convolved(speech, drawn_room(rng))[:count]
    audio = speech + drawn_noise(count, pools, noises, settings, rng) + room_tone(count, rng)
    audio *= factor(rng.uniform(*settings.gain_db))
    return Track(np.clip(audio, -1, 1), tuple(laid))


def drawn_noise(
    count: int, pools: Sequence[Pool], noises: Sequence[np.ndarray], settings: TrackSettings, rng: np.random.Generator
) -> np.ndarray:
    """Draw what is heard beside the speech, float32 (count,): nothing, a colour, voices, or one of `noises`."""
    if rng.random() < settings.quiet:
        return np.zeros(count, np.float32)
    level = SPEECH_DBFS - rng.uniform(*settings.snr_db)
    kind = rng.integers(3 if len(noises) else 2)
    if kind == 2:
        noise = as_float(noises[int(rng.integers(len(noises)))])
        return noise_stretch(noise, count, int(rng.integers(len(noise))), level)
    if kind == 1:
        return noise_stretch(babble(count, pools, rng), count, 0, level)
    colour = list(COLOURS)[int(rng.integers(len(COLOURS)))]
    return noise_stretch(coloured_noise(colour, 8.0, rng), count, 0, level)


def babble(count: int, pools: Sequence[Pool], rng: np.random.Generator) -> np.ndarray:
    """Return several people talking at once, float32 (count,), none of them the phrase."""
    others = [pool for pool in pools if pool.kind != POSITIVE and len(pool.utterances)]
    mixed = np.zeros(count, np.float32)
    for _ in range(int(rng.integers(2, 6)) if others else 0):
        at = int(rng.integers(SAMPLE_RATE_HZ))
        while at < count:
            pool = others[int(rng.integers(len(others)))]
            said = as_float(pool.utterances[int(rng.integers(len(pool.utterances)))])[: count - at]
            mixed[at : at + len(said)] += said
            at += len(said) + 1
    return mixed if np.any(mixed) else rng.normal(0, 0.1, count).astype(np.float32)


def as_float(samples: np.ndarray) -> np.ndarray:
    """Return samples as float32 in -1..1."""
    return samples.astype(np.float32) / 32768 if samples.dtype == np.int16 else samples


def _gap_s(settings: TrackSettings, rng: np.random.Generator) -> float:
    low, high = settings.gap_s
    return float(low + (high - low) * rng.random() ** 2)
