"""One client's signal, from `audio-start` to `audio-stop`, and the words heard in it."""

import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.data.audio.mono_stream import MonoStream
from tfkws.detect.service.client_audio import Piece, SoundFormat, decode
from tfkws.detect.service.wake_words import Ear

MAX_HELD_BYTES = 1 << 20  # of audio that waits for the rest of a hop
PIECE_BYTES = 1 << 10  # of memory that a piece takes besides its samples
FILTER_S = 1.0  # a resampler holds less than this


@dataclass(frozen=True)
class HeardWord:
    """A word in a client's signal.

    Attributes:
        timestamp: the client's own of the chunk in which the deciding window ends; where it sends none, milliseconds
            since the signal began.
    """

    name: str
    timestamp: int


class Stream:
    """Collects a client's audio, and answers a hop of it at a time.

    A client that sends live is answered in time or not at all: what it sent after the latest moment at which it was up
    to date should have come by the clock, and when that is more than `max_delay_s` ago, all that waits is skipped. A
    client that sends faster than live, such as a file, is never behind, and waits.

    Args:
        ears: detectors of this stream alone.
        rate_hz: of the audio that they take.
        clock: seconds.

    Attributes:
        detected: how many words were heard.
        skipped: how many windows were left out.
    """

    def __init__(
        self,
        ears: Sequence[Ear],
        rate_hz: int,
        max_delay_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ears, self._rate, self._max_delay_s, self._clock = ears, rate_hz, max_delay_s, clock
        self._hop_s = min((ear.detector.hop_samples / rate_hz for ear in ears), default=math.inf)
        delay_s = max((ear.detector.delay_samples / rate_hz for ear in ears), default=0.0)
        self._kept_s = delay_s + FILTER_S  # that time stamps are kept behind what was answered
        self._pending: list[Piece] = []
        self._held_bytes = 0
        self._position_s = self._answered_s = 0.0
        self._anchor = clock()  # when the first sample came, had all come by the clock
        self._due = self._anchor
        self._catching_up = False
        self._chunks: deque[tuple[float, int]] = deque()  # where a chunk begins, in seconds, and its time stamp
        self._sound: SoundFormat | None = None
        self._mono: MonoStream | None = None
        self.detected = self.skipped = 0

    def add(self, piece: Piece, up_to_date: bool) -> bool:
        """Take more audio; return whether there is enough to answer.

        Args:
            up_to_date: whether it came just now, and nothing else waits.
        """
        if not self._ears:
            return False
        if up_to_date:
            self._anchor = self._clock() - self._position_s
        self._due = self._anchor + self._position_s
        self._mark(piece)
        self._pending.append(piece)
        self._held_bytes += len(piece.samples) + PIECE_BYTES
        self._position_s += piece.seconds
        new_hop = self._hops(self._position_s) > self._hops(self._answered_s)
        return new_hop or self._held_bytes >= MAX_HELD_BYTES

    def answer(self, last: bool = False) -> list[HeardWord]:
        """Answer all audio that was added; takes time, and is called by one thread at a time.

        Args:
            last: whether the signal ends here.
        """
        delay_s = self._clock() - self._due
        self._catching_up = delay_s > (self._hop_s if self._catching_up else self._max_delay_s)
        audio = self._converted(last)
        self._answered_s = self._position_s
        if self._catching_up:
            self.skipped += sum(ear.detector.skip(audio) for ear in self._ears)
            return []
        found = [(ear.names.get(one.label), one.time_s) for ear in self._ears for one in ear.detector.feed(audio)]
        heard = [HeardWord(name, self._timestamp(time_s)) for name, time_s in found if name is not None]
        self.detected += len(heard)
        return heard

    def _hops(self, position_s: float) -> int:
        return math.floor(position_s / self._hop_s + 1e-6)  # ten times 0.01 is a little less than 0.1

    def _converted(self, last: bool) -> np.ndarray:
        """The pending audio as mono float32 at the detectors' rate; a client may change its format on the way."""
        blocks = [np.zeros(0, np.float32)]
        for piece in self._pending:
            if self._mono is None or piece.sound != self._sound:
                blocks.append(self._rest_of_filter())
                self._sound, self._mono = piece.sound, MonoStream(piece.sound.rate_hz, self._rate)
            blocks.append(self._mono.feed(decode(piece)))
        if last:
            blocks.append(self._rest_of_filter())
        self._pending.clear()
        self._held_bytes = 0
        return np.concatenate(blocks)

    def _rest_of_filter(self) -> np.ndarray:
        rest = np.zeros(0, np.float32) if self._mono is None else self._mono.finish()
        self._mono = None
        return rest

    def _mark(self, piece: Piece) -> None:
        """Remember where a time stamp is; one a millisecond, of the latest seconds."""
        begin = self._position_s
        if piece.timestamp is None or (self._chunks and begin < self._chunks[-1][0] + 1e-3):
            return
        self._chunks.append((begin, piece.timestamp))
        while len(self._chunks) > 1 and self._chunks[1][0] < self._answered_s - self._kept_s:
            self._chunks.popleft()

    def _timestamp(self, time_s: float) -> int:
        """The time stamp of the latest chunk that begins before `time_s`."""
        begun = [timestamp for begin, timestamp in self._chunks if begin < time_s - 1e-6]
        return begun[-1] if begun else round(1_000 * time_s)
