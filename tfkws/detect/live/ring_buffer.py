"""The latest seconds of a signal, written by one thread and read by several, none of which waits for another."""

import bisect
import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np

_ARRIVALS = 1_024


@dataclass(frozen=True)
class Stretch:
    """Audio from a ring buffer.

    Attributes:
        begin: position of its first sample, counted from the first one written.
        samples: float32 (n,).
        lost: samples before `begin` that were overwritten before this reader came.
    """

    begin: int
    samples: np.ndarray
    lost: int = 0


class RingBuffer:
    """Holds the latest `capacity` samples; writing never waits, and overwrites what no one has read."""

    def __init__(self, capacity: int) -> None:
        self._samples = np.zeros(capacity, np.float32)
        self._capacity = capacity
        self._written = 0
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=_ARRIVALS)  # how much was there, and since when
        self._closed = False
        self._changed = threading.Condition()

    @property
    def written(self) -> int:
        """How many samples were written since the beginning."""
        return self._written

    @property
    def closed(self) -> bool:
        """Whether no more comes."""
        return self._closed

    def write(self, samples: np.ndarray) -> None:
        """Append float32 (n,)."""
        latest = samples[-self._capacity :]
        with self._changed:
            begin = self._written + len(samples) - len(latest)
            self._samples[np.arange(begin, begin + len(latest)) % self._capacity] = latest
            self._written += len(samples)
            self._arrivals.append((self._written, time.monotonic()))
            self._changed.notify_all()

    def close(self) -> None:
        """Say that no more comes."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_for(self, position: int, timeout_s: float | None = None) -> bool:
        """Wait until the sample at `position` is there or the buffer is closed; return whether it is there.

        Args:
            timeout_s: longest wait; None for any.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._written > position or self._closed, timeout_s)
            return self._written > position

    def read(self, begin: int, end: int) -> Stretch:
        """Copy the samples from `begin` to before `end`, as far as they are there."""
        with self._changed:
            first = max(begin, self._written - self._capacity)
            last = max(first, min(end, self._written))
            samples = self._samples[np.arange(first, last) % self._capacity]
            return Stretch(first, samples, first - begin)

    def arrived(self, position: int) -> float:
        """Return when the samples before `position` were all there, by `time.monotonic`.

        Raises:
            IndexError: nothing was written yet.
        """
        with self._changed:
            index = bisect.bisect_left(self._arrivals, position, key=lambda arrival: arrival[0])
            return self._arrivals[min(index, len(self._arrivals) - 1)][1]
