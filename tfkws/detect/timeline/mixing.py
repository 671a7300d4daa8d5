"""Levels, echoes and noise: the signal side of a timeline."""

import math

import numpy as np

from tfkws.data.audio.files import SAMPLE_RATE_HZ

SPEECH_DBFS = -26.0  # the usual level of speech in tests of telephony, ITU-T P.56
ROOM_TONE_DBFS = -70.0  # white noise under everything: a microphone never gives digital silence
FRAME_SAMPLES = SAMPLE_RATE_HZ // 50
ACTIVE_DB = 20.0  # frames at most this far below the loudest are speech
FADE_SAMPLES = SAMPLE_RATE_HZ // 20


def active_level_dbfs(samples: np.ndarray) -> float:
    """Return the mean power, in dB to full scale 1, of those 20 ms frames that are within 20 dB of the loudest.

    Silence around a word does not lower its level so. It is a plain form of the active speech level of ITU-T P.56.

    Args:
        samples: float32 (n,), n at least 1.

    Returns:
        The level; minus infinity for digital silence.

    Example:
        >>> tone = np.sin(np.arange(1600) * 0.3).astype(np.float32)
        >>> round(active_level_dbfs(np.pad(tone, 8000)), 1)
        -3.0
    """
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % FRAME_SAMPLES))
    powers = np.square(padded.reshape(-1, FRAME_SAMPLES)).mean(axis=1)
    if not powers.any():
        return -math.inf
    return 10 * math.log10(powers[powers >= powers.max() * 10 ** (-ACTIVE_DB / 10)].mean())


def factor(decibels: float) -> np.float32:
    """Return what a signal is multiplied by to change its level.

    >>> float(factor(20.0))
    10.0
    """
    return np.float32(10 ** (decibels / 20))


def convolved(samples: np.ndarray, response: np.ndarray | None) -> np.ndarray:
    """Return speech (n,) as a room response (m,) makes it, float32 (n + m - 1,); as it is where there is none."""
    if response is None:
        return samples
    length = len(samples) + len(response) - 1
    size = 1 << (length - 1).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    return wet[:length].astype(np.float32)


def noise_stretch(noise: np.ndarray, count: int, start: int, level_dbfs: float) -> np.ndarray:
    """Cut `count` samples of a noise, which begins again at its end, and bring its mean power to a level.

    Both ends fade over 50 ms, so that a change of noise makes no click.
    """
    stretch = np.take(noise, np.arange(start, start + count), mode="wrap")
    power_db = 10 * math.log10(float(np.mean(np.square(noise, dtype=np.float64))))
    stretch = stretch * factor(level_dbfs - power_db)
    fade = np.linspace(0, 1, min(FADE_SAMPLES, count), dtype=np.float32)
    stretch[: len(fade)] *= fade
    stretch[count - len(fade) :] *= fade[::-1]
    return stretch


def room_tone(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return white noise at -70 dBFS, float32 (count,)."""
    return rng.standard_normal(count, dtype=np.float32) * factor(ROOM_TONE_DBFS)
