"""microWakeWord's front end on clips and on a stream: what networks receive, float32 from 0 on.

On a stream it begins with no noise known, as the one on a device does; half a second later its features depend on what
was heard before and not on the start. A clip of a training set would be over by then, so on clips every band's noise is
taken to have been the median of its amplitudes in the clip.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tfkws.features.micro import settings
from tfkws.features.micro.bands import amplitudes
from tfkws.features.micro.noise import estimates, features, scaled_up

_CHUNK_CLIPS = 4  # their values stay in the second-level cache


def to_int16(audio: np.ndarray) -> np.ndarray:
    """Return audio as int16, of any shape: float in -1..1 is multiplied by 32768 and rounded.

    Example:
        >>> to_int16(np.array([0.5, -1.0, 1.0], np.float32)).tolist()
        [16384, -32768, 32767]
    """
    if audio.dtype == np.int16:
        return audio
    return np.rint(audio * np.float32(32768)).clip(-32768, 32767).astype(np.int16)


def rows_of_clips(clips: np.ndarray) -> np.ndarray:
    """Return the frames of clips that begin amid what they are full of.

    Args:
        clips: int16 or float (n, samples), 480 samples at least.

    Returns:
        float32 (n, frames, 40), 0 to 26 but for the loudest.
    """
    frames = sliding_window_view(to_int16(clips), settings.WINDOW_SAMPLES, axis=-1)[:, :: settings.HOP_SAMPLES]
    loud = amplitudes(frames.reshape(-1, settings.WINDOW_SAMPLES)).reshape(*frames.shape[:2], settings.BANDS)
    noise = estimates(loud, scaled_up(median(loud)))
    rows = np.empty(loud.shape, np.float32)
    for start in range(0, len(clips), _CHUNK_CLIPS):
        chunk = slice(start, start + _CHUNK_CLIPS)
        np.multiply(features(loud[chunk], noise[chunk]), np.float32(settings.SCALE), out=rows[chunk], casting="unsafe")
    return rows


def median(loud: np.ndarray) -> np.ndarray:
    """Return each band's upper median over frames: int64 (..., frames, 40) -> (..., 40)."""
    middle = loud.shape[-2] // 2
    return np.partition(loud, middle, axis=-2)[..., middle, :]


class MicroRows:
    """Computes the frames of one signal in order, and keeps the noise of each band from one call to the next.

    Args:
        from_median: whether the frames of the first call begin amid their median, as those of a clip; else with no
            noise known, as a device does.
    """

    def __init__(self, from_median: bool = False) -> None:
        self._noise = None if from_median else np.zeros(settings.BANDS, np.uint64)

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """Return the rows, float32 (n, 40), of the next windows of samples, int16 or float (n, 480)."""
        if len(frames) == 0:
            return np.zeros((0, settings.BANDS), np.float32)
        loud = amplitudes(to_int16(frames))
        noise = estimates(loud, scaled_up(median(loud)) if self._noise is None else self._noise)
        self._noise = noise[-1]
        return (features(loud, noise) * np.float32(settings.SCALE)).astype(np.float32)
