"""Clients of a wake-word service that is served in this process; the protocol's own client, and raw sockets."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from fake_bundles import loudness_bundle
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.event import Event, async_write_event
from wyoming.wake import Detect, Detection, NotDetected

from tfkws.config import ServiceConfig
from tfkws.detect.service.server import WakeService
from tfkws.detect.service.wake_words import WakeWords, open_wake_words

RATE = 16_000
LONGER_MS = 60_000.0  # a delay that no test reaches, so that nothing is left out on a busy machine


@cache
def two_words() -> WakeWords:
    """Return a service's words: two bundles that hear the same tone under different names."""
    loud = loudness_bundle()
    return open_wake_words({"first": loud, "second": replace(loud, labels=("_other_", "noisy"))})


@cache
def one_word() -> WakeWords:
    """Return the word "loud" of one bundle."""
    return WakeWords(two_words().bundles[:1])


@dataclass
class Served:
    """A service that runs, and what it reported."""

    service: WakeService
    lines: list[str] = field(default_factory=list)

    def client(self) -> AsyncClient:
        """Return the protocol's own client, not connected yet."""
        return AsyncClient.from_uri(self.service.address.uri, read_timeout=20)

    async def raw(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect a socket that follows no protocol."""
        return await asyncio.open_connection("127.0.0.1", self.service.address.port)


@asynccontextmanager
async def serving(words: WakeWords | None = None, settings: ServiceConfig | None = None) -> AsyncIterator[Served]:
    """Serve at a port that the system chooses."""
    chosen = settings or ServiceConfig(uri="tcp://127.0.0.1:0", max_delay_ms=LONGER_MS)
    lines: list[str] = []
    async with WakeService(words or one_word(), chosen, lines.append) as service:
        yield Served(service, lines)


def tone(seconds: float, at: float, rate: int = RATE, length: float = 1.0) -> np.ndarray:
    """Return silence with a loud tone in it, float64; the same sound at any rate."""
    times = np.arange(round(seconds * rate)) / rate
    return np.where((times >= at) & (times < at + length), 0.5 * np.sin(times * RATE / 3), 0.0)


def encoded(signal: np.ndarray, width: int = 2, channels: int = 1) -> bytes:
    """Return a signal as little-endian integers of some width, the same on every channel."""
    if width == 1:
        wide = np.round(signal * 127 + 128).astype(np.uint8)
        return np.repeat(wide, channels).tobytes()
    integers = np.round(signal * (2.0 ** (8 * width - 1) - 1)).astype("<i4")
    samples = np.repeat(integers, channels).view(np.uint8).reshape(-1, 4)
    return samples[:, :width].tobytes()


def chunks(
    signal: np.ndarray,
    rate: int = RATE,
    width: int = 2,
    channels: int = 1,
    chunk_ms: int = 64,
    start_ms: int | None = 0,
) -> Iterator[Event]:
    """Yield a signal as `audio-chunk` messages, time stamps counted from `start_ms`; None for none."""
    step = rate * chunk_ms // 1_000
    for number, first in enumerate(range(0, len(signal), step)):
        audio = encoded(signal[first : first + step], width, channels)
        timestamp = None if start_ms is None else start_ms + number * chunk_ms
        yield AudioChunk(rate, width, channels, audio, timestamp).event()


async def send_all(client: AsyncClient, events: Iterator[Event], form: tuple[int, int, int] = (RATE, 2, 1)) -> None:
    """Send a whole signal."""
    await client.write_event(AudioStart(*form).event())
    for event in events:
        await client.write_event(event)
    await client.write_event(AudioStop().event())


async def hear(
    client: AsyncClient,
    events: Iterator[Event],
    names: list[str] | None = None,
    form: tuple[int, int, int] = (RATE, 2, 1),
) -> list[Detection]:
    """Ask for words and send a signal; return what was heard in it by its end."""
    await client.write_event(Detect(names).event())
    await send_all(client, events, form)
    # A ping is answered in turn, so its answer marks the end.
    await client.write_event(Event("ping", {"text": "end"}))
    heard = []
    while (event := await client.read_event()) is not None and event.type != "pong":
        if Detection.is_type(event.type):
            heard.append(Detection.from_event(event))
        else:
            assert NotDetected.is_type(event.type), event
    return heard


class _Kept:
    """What the package writes, kept instead of sent."""

    def __init__(self) -> None:
        self.sent = b""

    def write(self, data: bytes) -> None:
        self.sent += data

    def writelines(self, parts: Any) -> None:
        self.sent += b"".join(parts)

    async def drain(self) -> None:
        pass


def written(event: Event) -> bytes:
    """Return the bytes that the package sends for a message."""
    kept = _Kept()
    asyncio.run(async_write_event(event, kept))  # type: ignore[arg-type]
    return kept.sent
