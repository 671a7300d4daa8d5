"""Where in a recording something is said: by its own noise, since rooms are seldom as quiet as synthesisers."""

import numpy as np

from tfkws.data.audio.files import SAMPLE_RATE_HZ

_FRAME = SAMPLE_RATE_HZ // 100
_SMOOTH = 5  # frames whose powers are averaged, in dB
_BELOW_PEAK_DB, _ABOVE_NOISE_DB = 22.0, 8.0
_NOISE_SHARE = 10.0  # per cent of the frames are no louder than the noise
_LONGEST_PAUSE = 25  # frames between two words
_BEFORE, _AFTER = 3, 4  # frames that are kept around
_SHORTEST = 12  # frames; what is shorter is a click


def said_span(samples: np.ndarray) -> tuple[int, int]:
    """Return the first sample of what is said loudest in a recording, and the one after its last.

    A frame of 10 ms is speech while it is at most 22 dB below the loudest and at least 8 dB above the noise; pauses of
    up to 0.25 s are part of it. Where windows are learnt that end a moment after the phrase, half a second of noise
    behind it would teach windows that hold half of it.

    Args:
        samples: float32 (n,) in -1..1.

    Returns:
        All of the recording where nothing stands out of it.

    Example:
        >>> noise = np.random.default_rng(0).normal(0, 0.01, 16_000).astype(np.float32)
        >>> noise[6_400:9_600] *= 20
        >>> said_span(noise)
        (5760, 10400)
    """
    count = len(samples) // _FRAME
    if count < _SHORTEST:
        return 0, len(samples)
    powers = np.square(samples[: count * _FRAME].reshape(count, _FRAME), dtype=np.float64).mean(axis=1)
    decibels = 10 * np.log10(powers + 1e-10)
    level = np.convolve(np.pad(decibels, _SMOOTH // 2, mode="edge"), np.full(_SMOOTH, 1 / _SMOOTH), mode="valid")
    least = max(level.max() - _BELOW_PEAK_DB, np.percentile(level, _NOISE_SHARE) + _ABOVE_NOISE_DB)
    loud = np.flatnonzero(level > least)
    if not len(loud):
        return 0, len(samples)
    first, last = _run_around(loud, int(level.argmax()))
    if last - first < _SHORTEST:
        return 0, len(samples)
    return max(0, first - _BEFORE) * _FRAME, min(count, last + 1 + _AFTER) * _FRAME


def _run_around(loud: np.ndarray, peak: int) -> tuple[int, int]:
    """Return the first and last frame of the run of loud frames that holds the peak; short pauses do not end it."""
    breaks = np.flatnonzero(np.diff(loud) > _LONGEST_PAUSE)
    runs = np.split(loud, breaks + 1)
    run = next(run for run in runs if run[0] <= peak <= run[-1])
    return int(run[0]), int(run[-1])
