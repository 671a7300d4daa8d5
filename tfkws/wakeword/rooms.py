"""Rooms without measuring one: a direct sound, a few reflections and a tail that decays, drawn by seed.

The tail is noise under an exponential envelope that falls by 60 dB in the reverberation time (J. A. Moorer, "About this
reverberation business", Computer Music Journal 3(2), 1979), faster at high frequencies as air and walls have it.
"""

import numpy as np

from tfkws.data.audio.files import SAMPLE_RATE_HZ

REVERBERATION_S = (0.12, 0.8)
DIRECT_DB = (-8.0, 14.0)  # of the direct sound to all that follows: far and near
REFLECTIONS = 12


def drawn_room(rng: np.random.Generator) -> np.ndarray:
    """Draw the response of a room: float32 (samples,) of unit energy, the direct sound first."""
    reverberation_s = float(np.exp(rng.uniform(*np.log(REVERBERATION_S))))
    count = round(min(reverberation_s, 0.6) * SAMPLE_RATE_HZ)
    tail = _decaying(count, reverberation_s, rng)
    early = np.zeros(count)
    places = rng.integers(20, round(0.05 * SAMPLE_RATE_HZ), REFLECTIONS)
    early[places] += rng.normal(0, 1, REFLECTIONS) * np.exp(-places / (0.02 * SAMPLE_RATE_HZ))
    after = tail / np.sqrt(np.sum(tail**2)) + early / np.sqrt(np.sum(early**2) + 1e-12)
    after *= 10 ** (-rng.uniform(*DIRECT_DB) / 20) / np.sqrt(np.sum(after**2))
    after[0] += 1.0
    return (after / np.sqrt(np.sum(after**2))).astype(np.float32)


def _decaying(count: int, reverberation_s: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise whose low half decays in the reverberation time and whose high half in two thirds of it."""
    time_s = np.arange(count) / SAMPLE_RATE_HZ
    noise = rng.normal(0, 1, count)
    smooth = np.convolve(noise, np.ones(6) / 6, mode="same")
    low = smooth * 10 ** (-3 * time_s / reverberation_s)
    high = (noise - smooth) * 10 ** (-4.5 * time_s / reverberation_s)
    both: np.ndarray = low + high
    both[: round(0.004 * SAMPLE_RATE_HZ)] = 0.0
    return both
