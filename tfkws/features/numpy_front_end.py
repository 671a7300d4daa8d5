"""The front end in NumPy, on clips and on a stream: what training uses and what the device runs, and its normalisation.

Conventions: `tfkws.features.front_ends`. With scipy installed the Fourier transform runs in float32; NumPy's own, on a
device without scipy, may compute in float64. Both agree to 1e-4.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tfkws.config import FeatureConfig
from tfkws.errors import ConfigError, DataError
from tfkws.features.mel import Tables, tables_of
from tfkws.features.micro.front_end import MicroRows, rows_of_clips

try:
    from scipy.fft import rfft
except ImportError:  # a device: the light install has no scipy
    from numpy.fft import rfft

FEW_WINDOWS = 8
_CHUNK_CLIPS = 4  # its spectra stay in the second-level cache; 8 take twice as long a clip

# What normalisation is measured on.
MOST_CLIPS = 2_000  # more do not move the third digit
SMALLEST_STD = 1e-2


def extract(audio: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """Compute the feature map of clips.

    Args:
        audio: (..., samples) at 16 kHz, int16 or float in -1..1; at least one window, one second gives
            `frames`.

    Returns:
        float32 (..., rows, frames), or (..., frames, rows) where `config.time_first`; normalised by row if
        the configuration holds a mean and a deviation.

    Raises:
        ConfigError: the audio is shorter than one window.
    """
    clips = np.reshape(audio, (-1, audio.shape[-1]))
    if clips.shape[1] < config.window_samples and not config.centred:
        raise ConfigError(
            f"Front end {config.name} needs at least {config.window_samples} samples. Received {clips.shape[1]}."
        )
    maps = rows_of_clips(clips) if config.kind == "micro" else _rows_of_clips(clips, config)
    if not config.time_first:
        maps = np.ascontiguousarray(maps.transpose(0, 2, 1))
    return maps.reshape(*audio.shape[:-1], *maps.shape[1:])


def frame_count(samples: int, config: FeatureConfig) -> int:
    """Return how many frames `samples` samples give, an int: 32 for one second of mfcc-40x32."""
    if config.centred:
        return 1 + samples // config.hop_samples
    return 1 + (samples - config.window_samples) // config.hop_samples


def rows_in_order(config: FeatureConfig, from_median: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """Return what computes the rows of one signal: float32 (..., window_samples) -> float32 (..., rows).

    For microWakeWord's front end, which keeps a state, windows (n, window_samples) must come in order.

    Args:
        from_median: how that state begins; see `tfkws.features.micro.front_end.MicroRows`.
    """
    if config.kind == "micro":
        return MicroRows(from_median)
    return partial(_frames_to_rows, config=config, tables=tables_of(config))


def _frames_to_rows(frames: np.ndarray, config: FeatureConfig, tables: Tables) -> np.ndarray:
    return _weighted_to_rows(frames * tables.window, config, tables)


def _rows_of_clips(clips: np.ndarray, config: FeatureConfig) -> np.ndarray:
    """Compute the rows of clips (n, samples), a few clips at a time: float32 (n, frames, rows)."""
    tables, samples = tables_of(config), clips.shape[1]
    half = config.window_samples // 2 if config.centred else 0
    padded = np.zeros((min(len(clips), _CHUNK_CLIPS), samples + 2 * half), np.float32)
    cut = sliding_window_view(padded, config.window_samples, axis=-1)[:, :: config.hop_samples]
    frames, rows = np.empty(cut.shape, np.float32), np.empty((len(clips), cut.shape[1], config.rows), np.float32)
    # A scale by a power of two changes no digit; one long product takes half as long as one for each frame.
    window = np.tile(tables.window * _scale_of(clips), (cut.shape[1], 1))
    for start in range(0, len(clips), _CHUNK_CLIPS):
        chunk = clips[start : start + _CHUNK_CLIPS]
        here = slice(0, len(chunk))
        padded[here, half : half + samples] = chunk
        np.copyto(frames[here], cut[here])
        frames[here] *= window
        rows[start : start + len(chunk)] = _weighted_to_rows(frames[here], config, tables)
    return rows


def _weighted_to_rows(frames: np.ndarray, config: FeatureConfig, tables: Tables) -> np.ndarray:
    """Compute rows from samples times the window: float32 (..., window_samples) -> float32 (..., rows)."""
    spectrum: Any = rfft(frames.reshape(-1, config.window_samples), config.fft_length)
    parts = spectrum.view(spectrum.real.dtype)
    squares = np.square(parts, out=parts).astype(np.float32, copy=False)
    bands = np.empty((len(squares), config.bands), np.float32)
    for group in tables.groups:
        np.matmul(squares[:, group.parts], group.weights, out=bands[:, group.bands])
    bands += np.float32(tables.floor)
    np.log(bands, out=bands)
    rows = bands if tables.cosines is None else bands @ tables.cosines
    rows -= tables.mean
    rows *= tables.scale
    return rows.reshape(*frames.shape[:-1], config.rows)


def to_float(audio: np.ndarray) -> np.ndarray:
    """Return audio as float32 in -1..1: int16 is divided by 32768, float is taken as it is."""
    return audio * _scale_of(audio) if audio.dtype == np.int16 else audio.astype(np.float32, copy=False)


def _scale_of(audio: np.ndarray) -> np.float32:
    """Return what samples are multiplied with to lie in -1..1."""
    return np.float32(1 / 32768 if audio.dtype == np.int16 else 1)


class StreamingFrontEnd:
    """Computes the frames of an endless signal, the same ones that `extract` gives for the whole of it.

    A centred front end begins with half a window of zeros, as `extract` does; the zeros that `extract` puts behind
    the end of a clip are missing here, since a stream has no end: see `finish`. microWakeWord's front end begins with
    no noise known, as on a device.
    """

    def __init__(self, config: FeatureConfig) -> None:
        self._config, self._to_rows = config, rows_in_order(config)
        self._half = config.window_samples // 2 if config.centred else 0
        self._pending = np.zeros(self._half, np.float32)

    def feed(self, audio: np.ndarray) -> np.ndarray:
        """Take more audio and return the frames that it completes.

        Args:
            audio: int16 or float (samples,).

        Returns:
            float32 (frames, rows).
        """
        config = self._config
        self._pending = np.concatenate([self._pending, to_float(audio)])
        count = max(0, 1 + (len(self._pending) - config.window_samples) // config.hop_samples)
        if count == 0:
            return np.zeros((0, config.rows), np.float32)
        rows = self._to_rows(self._windows(count))
        self._pending = self._pending[count * config.hop_samples :].copy()
        return rows

    def _windows(self, count: int) -> np.ndarray:
        """The first windows of what is pending, float32 (count, window_samples)."""
        length, hop = self._config.window_samples, self._config.hop_samples
        if count <= FEW_WINDOWS:  # a copy of a few costs less than making a view
            return np.stack([self._pending[first : first + length] for first in range(0, count * hop, hop)])
        return sliding_window_view(self._pending, length)[::hop][:count]

    def finish(self) -> np.ndarray:
        """Return the last frames of a centred front end, which reach half a window beyond the end.

        The shape and dtype are those of `feed`.
        """
        return self.feed(np.zeros(self._half, np.float32))


def fit_normalisation(audio: np.ndarray, config: FeatureConfig) -> FeatureConfig:
    """Return `config` with each row's mean and standard deviation over all frames of `audio`.

    microWakeWord's front end stays as it is: a device feeds its values to the network as they are.

    Args:
        audio: training clips, (n, samples) int16 or float; evenly spaced ones are used when there are many.

    Raises:
        DataError: there are no clips.
    """
    if len(audio) == 0:
        raise DataError("A front end is normalised by training clips, and there are none.")
    if config.kind == "micro":
        return config
    chosen = np.unique(np.linspace(0, len(audio) - 1, min(len(audio), MOST_CLIPS)).astype(np.int64))
    plain = replace(config, row_mean=(), row_std=())
    rows_last = replace(plain, time_first=True)
    rows = extract(audio[chosen], rows_last).reshape(-1, config.rows).astype(np.float64)
    std = np.maximum(rows.std(axis=0), SMALLEST_STD)
    return replace(config, row_mean=_rounded(rows.mean(axis=0)), row_std=_rounded(std))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    """Round to six digits, so that the configuration reads well and stays equal on machines that differ in the 7th."""
    return tuple(float(f"{value:.6g}") for value in values)
