"""What a network receives while a signal goes on: the feature map, or the audio, of a window that slides over it."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tfkws.config import FeatureConfig
from tfkws.features.numpy_front_end import extract, rows_in_order


class Windows:
    """Cuts a signal into windows of equal length, one every hop; nothing is put in front of the signal.

    Args:
        samples: length of a window.
        hop: from the beginning of one window to that of the next; may be longer than a window.
        first: position of the first sample that will be fed.
    """

    def __init__(self, samples: int, hop: int, first: int = 0) -> None:
        self._samples, self._hop = samples, hop
        self._pending = np.zeros(0, np.float32)
        self._begin = first  # of the pending audio
        self._next = first  # beginning of the next window

    def feed(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Take more audio and return the windows that it completes.

        Args:
            audio: float32 (n,).

        Returns:
            Where each window ends, int64 (k,), counted from the signal's first sample and exclusive; and the windows,
            float32 (k, samples).
        """
        self._pending = np.concatenate([self._pending, audio])
        begins = self._complete()
        if len(begins) == 0:
            return begins, np.zeros((0, self._samples), np.float32)
        windows = sliding_window_view(self._pending, self._samples)[begins - self._begin]
        self._next = int(begins[-1]) + self._hop
        self._forget()
        return begins + self._samples, windows

    def skip(self, audio: np.ndarray) -> int:
        """Take more audio and return how many windows it completes, without making them."""
        self._pending = np.concatenate([self._pending, audio])
        count = len(self._complete())
        self._next += count * self._hop
        self._forget()
        return count

    def _complete(self) -> np.ndarray:
        """Where the windows begin that can be cut from what is pending."""
        last = self._begin + len(self._pending) - self._samples
        return np.arange(self._next, last + 1, self._hop, dtype=np.int64)

    def _forget(self) -> None:
        """Drop what no later window needs."""
        unneeded = min(len(self._pending), self._next - self._begin)
        self._pending = self._pending[unneeded:].copy()
        self._begin += unneeded


class WindowMaps:
    """Computes the feature maps of windows, the same as `extract` does, and computes a frame that windows share once.

    Frames are shared where the hop is a whole number of the front end's hops. In a centred front end those at both ends
    of a clip reach into its padding, so they belong to one window alone. microWakeWord's front end begins with the
    first window as with a clip and goes on from there: a window's frames depend on all that was heard before.

    Args:
        config: front end; a window is one of its clips.
        hop: from the beginning of one window to that of the next, in samples.
    """

    def __init__(self, config: FeatureConfig, hop: int) -> None:
        self._config, self._hop = config, hop
        self._to_rows = rows_in_order(config, from_median=True)
        half = config.window_samples // 2 if config.centred else 0
        begins = np.arange(config.frames) * config.hop_samples - half
        inside = (begins >= 0) & (begins + config.window_samples <= config.clip_samples)
        self._own = np.flatnonzero(~inside)
        self._shared = np.flatnonzero(inside)
        self._half = half
        self._frames_a_hop = hop // config.hop_samples
        self._rows = np.zeros((0, config.rows), np.float32)
        self._next_begin: int | None = None

    @property
    def shares(self) -> bool:
        """Whether windows share frames."""
        return self._hop % self._config.hop_samples == 0 and self._frames_a_hop < len(self._shared)

    def of(self, ends: np.ndarray, windows: np.ndarray) -> np.ndarray:
        """Compute the maps float32 (k, height, width, 1) of windows that follow each other.

        Args:
            ends: int (k,), where they end.
            windows: float32 (k, samples).
        """
        if not self.shares:
            return extract(windows, self._config)[..., None]
        rows = np.empty((len(windows), self._config.frames, self._config.rows), np.float32)
        for index, (end, window) in enumerate(zip(ends, windows, strict=True)):
            rows[index, self._shared] = self._shared_rows(int(end), window)
        if len(self._own):
            rows[:, self._own] = self._own_rows(windows)
        maps = rows if self._config.time_first else np.ascontiguousarray(rows.transpose(0, 2, 1))
        return maps[..., None]

    def _shared_rows(self, end: int, window: np.ndarray) -> np.ndarray:
        """Rows of the shared frames of one window, those of the window before taken over."""
        kept = len(self._shared) - self._frames_a_hop if self._next_begin == end - len(window) else 0
        new = self._shared[kept:]
        begins = new * self._config.hop_samples - self._half
        frames = sliding_window_view(window, self._config.window_samples)[begins]
        if kept == 0:
            self._to_rows = rows_in_order(self._config, from_median=True)
        fresh = self._to_rows(frames)
        self._rows = np.concatenate([self._rows[len(self._rows) - kept :], fresh])
        self._next_begin = end - len(window) + self._hop
        return self._rows

    def _own_rows(self, windows: np.ndarray) -> np.ndarray:
        """Rows of the frames that reach into the padding, float32 (k, frames, rows)."""
        padded = np.pad(windows, ((0, 0), (self._half, self._half)))
        begins = self._own * self._config.hop_samples
        frames = sliding_window_view(padded, self._config.window_samples, axis=-1)[:, begins]
        return self._to_rows(frames)
