"""The front end on a stream: audio comes in pieces of any length, frames go out as soon as they are complete."""

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.features.mel import tables_of
from tfkws.features.numpy_front_end import frames_to_rows, to_float


class StreamingFrontEnd:
    """Computes the frames of an endless signal, the same ones that `extract` gives for the whole of it.

    A centred front end begins with half a window of zeros, as `extract` does; the zeros that `extract` puts behind
    the end of a clip are missing here, since a stream has no end: see `finish`.
    """

    def __init__(self, config: FeatureConfig) -> None:
        self._config, self._tables = config, tables_of(config)
        self._half = config.window_samples // 2 if config.centred else 0
        self._pending = np.zeros(self._half, np.float32)

    def feed(self, audio: np.ndarray) -> np.ndarray:
        """Take more audio, int16 or float (samples,), and return the frames it completes: float32 (frames, rows)."""
        config = self._config
        self._pending = np.concatenate([self._pending, to_float(audio)])
        count = max(0, 1 + (len(self._pending) - config.window_samples) // config.hop_samples)
        if count == 0:
            return np.zeros((0, config.rows), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._pending, config.window_samples)
        rows = frames_to_rows(windows[:: config.hop_samples][:count], config, self._tables)
        self._pending = self._pending[count * config.hop_samples :].copy()
        return rows

    def finish(self) -> np.ndarray:
        """Return the last frames of a centred front end, which reach half a window behind the end."""
        return self.feed(np.zeros(self._half, np.float32))
