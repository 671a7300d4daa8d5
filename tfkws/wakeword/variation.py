"""One utterance made to vary as people and microphones do: size of the speaker, tilt of the spectrum, band, level.

Everything works on the waveform. A synthesiser has few voices; resampling moves pitch, formants and pace together, as
a smaller or larger speaker would, and a filter stands for the microphone.
"""

import numpy as np

from tfkws.data.audio.files import SAMPLE_RATE_HZ
from tfkws.detect.timeline.mixing import SPEECH_DBFS, active_level_dbfs, factor

SMALLEST, LARGEST = 0.84, 1.22  # factor of the speaker's size
TILT_DB = 6.0  # at both ends of the spectrum, either way
RIPPLE_DB = 3.0
LOW_CUT_HZ, HIGH_CUT_HZ = (60.0, 350.0), (3_400.0, 8_000.0)
BAND_LIMITED = 0.35  # share of utterances
SATURATED = 0.1


def varied(samples: np.ndarray, rng: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """Return one utterance as another speaker in front of another microphone might say it, at -26 dBFS.

    Args:
        samples: float32 (n,), trimmed speech.
        strength: 0 for unchanged but for the level, 1 for the usual variety.

    Returns:
        float32 (m,); m is n divided by the size that was drawn.
    """
    size = float(np.exp(strength * rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
    speech = filtered(resized(samples, size), drawn_response(len(samples), size, rng, strength))
    if rng.random() < SATURATED * strength:
        peak = float(np.abs(speech).max()) + 1e-9
        speech = np.tanh(speech * (rng.uniform(1.5, 4.0) / peak)).astype(np.float32)
    level = active_level_dbfs(speech)
    return speech * factor(SPEECH_DBFS - level) if np.isfinite(level) else speech


def resized(samples: np.ndarray, size: float) -> np.ndarray:
    """Return float32 (n / size,): pitch and formants times `size`, the length divided by it; linear interpolation."""
    places = np.arange(0, len(samples) - 1, size)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def drawn_response(count: int, size: float, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Draw a filter: a tilt, slow ripples, and for some a narrower band; float32 gains of an rfft of `_length`."""
    bins = _length(int(np.ceil(count / size)) + 1) // 2 + 1
    hz = np.linspace(1.0, SAMPLE_RATE_HZ / 2, bins)
    octaves = np.log2(hz / 1_000.0)
    decibels = strength * rng.uniform(-1, 1) * TILT_DB * np.clip(octaves / 3, -1, 1)
    for ripples in (1.0, 2.0, 3.5):
        decibels += strength * RIPPLE_DB * rng.uniform(-1, 1) * np.cos(ripples * octaves + rng.uniform(0, 6.3))
    gains = 10 ** (decibels / 20)
    if rng.random() < BAND_LIMITED * strength:
        low = rng.uniform(*LOW_CUT_HZ)
        high = rng.uniform(*HIGH_CUT_HZ)
        gains = gains / np.sqrt(1 + (low / hz) ** 4) / np.sqrt(1 + (hz / high) ** 12)
    return gains.astype(np.float32)


def filtered(samples: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Return speech float32 (n,) through a filter given as gains of the transform of twice `len(gains) - 1` samples."""
    size = 2 * (len(gains) - 1)
    return np.fft.irfft(np.fft.rfft(samples, size) * gains, size)[: len(samples)].astype(np.float32)


def _length(samples: int) -> int:
    return 1 << (samples - 1).bit_length()
