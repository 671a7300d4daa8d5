"""When a device hears and when it answers: capture and inference as events on one clock, counted in samples.

*Blocking capture* is paper A's loop: record a chunk, run the network, print, record the next one. What is said while
the network runs is recorded by nobody. *Buffered capture* records all the time beside the network; when the network is
free it takes the newest window that is whole and drops those before it, so that, while the signal goes on, an answer
comes at most one inference and one hop after its window was whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Stretch = tuple[int, int]  # first sample, and the one after the last
Capture = Literal["blocking", "buffered"]


@dataclass(frozen=True)
class Device:
    """How a device records and how long it thinks; all lengths in samples.

    Attributes:
        window: what the network judges at once.
        hop: how much is recorded from one window to the next; `window` itself for chunks that share nothing.
        latency: from the moment a window is whole and the network free to the printed answer.
        capture: whether recording stops while the network runs.

    Example:
        >>> hearing = Device(window=10, hop=10, latency=7).hear(40)
        >>> [(window.stretches, window.printed) for window in hearing.windows], hearing.lost()
        ([(((0, 10),), 17), (((17, 27),), 34)], [(10, 17), (27, 34)])
    """

    window: int
    hop: int
    latency: int
    capture: Capture = "blocking"

    def __post_init__(self) -> None:
        """Refuse lengths that no device has."""
        if not 1 <= self.hop <= self.window or self.latency < 0:
            raise ValueError(f"A device needs 1 <= hop <= window and latency >= 0. Received {self}.")

    def hear(self, samples: int) -> "Hearing":
        """Run the clock over a signal of `samples` samples that begins when the device does."""
        if self.capture == "buffered":
            count = self._complete_windows(samples)
            last_end = self._end_of(count - 1) if count else 0
            return Hearing(samples, tuple(self._buffered(count)), count, last_end)
        windows = self._blocking(samples)
        last_end = min(windows[-1].printed, samples) if windows else 0
        return Hearing(samples, tuple(windows), len(windows), last_end)

    def _blocking(self, samples: int) -> list["HeardWindow"]:
        heard: list[HeardWindow] = []
        recorded: list[Stretch] = []
        begin, length = 0, self.window
        while begin + length <= samples:
            end = begin + length
            recorded.append((begin, end))
            heard.append(HeardWindow(_last_samples(recorded, self.window), (begin, end), end + self.latency))
            begin, length = end + self.latency, self.hop
        return heard

    def _buffered(self, count: int) -> list["HeardWindow"]:
        heard: list[HeardWindow] = []
        free = unasked = taken = 0
        while unasked < count:
            newest = min(max(unasked, self._complete_windows(free) - 1), count - 1)
            end = self._end_of(newest)
            free = max(free, end) + self.latency
            heard.append(HeardWindow(((end - self.window, end),), (taken, end), free))
            unasked = newest + 1
            taken = end
        return heard

    def _end_of(self, number: int) -> int:
        return self.window + number * self.hop

    def _complete_windows(self, samples: int) -> int:
        """How many windows are whole once so much was recorded without a gap."""
        return 0 if samples < self.window else 1 + (samples - self.window) // self.hop


@dataclass(frozen=True)
class HeardWindow:
    """One window that the network judges.

    Attributes:
        stretches: when its samples were recorded, in order; more than one where a recording between them is missing.
        recorded: what was recorded, without a gap, after the window that was judged before it.
        printed: when its answer comes.
    """

    stretches: tuple[Stretch, ...]
    recorded: Stretch
    printed: int

    @property
    def whole(self) -> int:
        """When its last sample had been recorded."""
        return self.recorded[1]


@dataclass(frozen=True)
class Hearing:
    """What a device did with a signal.

    Attributes:
        samples: length of the signal.
        windows: those that the network judges, in order.
        recorded: how many windows were recorded whole.
        unfinished_from: where the recording began that the end of the signal cut short.
    """

    samples: int
    windows: tuple[HeardWindow, ...]
    recorded: int
    unfinished_from: int

    @property
    def dropped(self) -> int:
        """How many windows were recorded and never judged, because newer ones were there."""
        return self.recorded - len(self.windows)

    def new_audio(self) -> list[list[Stretch]]:
        """Return what each judged window holds beyond the windows before it; nothing comes twice."""
        found, reached = [], 0
        for window in self.windows:
            found.append([(max(begin, reached), end) for begin, end in window.stretches if end > reached])
            reached = window.whole
        return found

    def lost(self) -> list[Stretch]:
        """Return the stretches that no judged window holds, but for the recording that the end cut short."""
        held = [stretch for new in self.new_audio() for stretch in new if stretch[0] < self.unfinished_from]
        edges = [0, *(edge for stretch in held for edge in stretch), self.unfinished_from]
        gaps = zip(edges[::2], edges[1::2], strict=True)
        return [(begin, end) for begin, end in gaps if end > begin]

    @property
    def lost_share(self) -> float:
        """Share of the signal that is lost, 0..1."""
        return sum(end - begin for begin, end in self.lost()) / self.samples


def overlaps(windows: Sequence[HeardWindow], stretches: Sequence[Stretch]) -> np.ndarray:
    """Return how many samples of each stretch every window holds: int64 (windows, stretches).

    Example:
        >>> overlaps(Device(window=6, hop=2, latency=3).hear(16).windows, [(5, 10), (13, 20)]).tolist()
        [[1, 0], [2, 0], [2, 2]]
    """
    pieces = np.array([piece for window in windows for piece in window.stretches], np.int64).reshape(-1, 1, 2)
    wanted = np.array(stretches, np.int64).reshape(1, -1, 2)
    if not pieces.size:
        return np.zeros((0, wanted.shape[1]), np.int64)
    held = np.minimum(pieces[..., 1], wanted[..., 1]) - np.maximum(pieces[..., 0], wanted[..., 0])
    first = np.cumsum([0, *(len(window.stretches) for window in windows[:-1])])
    return np.add.reduceat(np.maximum(held, 0), first, axis=0)


def _last_samples(recorded: Sequence[Stretch], count: int) -> tuple[Stretch, ...]:
    """The stretches that hold the last `count` samples that were recorded."""
    kept: list[Stretch] = []
    for begin, end in reversed(recorded):
        kept.append((max(begin, end - count), end))
        count -= end - kept[-1][0]
        if count == 0:
            break
    return _joined(reversed(kept))


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same samples, with stretches that touch made one."""
    joined: list[Stretch] = []
    for begin, end in stretches:
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return tuple(joined)
