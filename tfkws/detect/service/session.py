"""What a service does with the messages of one client."""

import asyncio
import reprlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

from wyoming.event import Event
from wyoming.wake import Detection, NotDetected

from tfkws.detect.service.client_audio import pieces_of, sound_format
from tfkws.detect.service.stream import Stream
from tfkws.detect.service.wake_words import WakeWords
from tfkws.errors import MessageError

Send = Callable[[Event], Awaitable[None]]
T = TypeVar("T")


class Session:
    """The state of one client: which words it wants, and the signal that it sends.

    Messages of other types are ignored, as the protocol wants it.

    Args:
        pool: threads that work on audio, so that no client waits for another's network.
        send: sends a message to the client.

    Attributes:
        detected, skipped: words heard and windows left out, over all signals.
    """

    def __init__(self, words: WakeWords, max_delay_s: float, pool: Executor, send: Send) -> None:
        self._words, self._max_delay_s, self._pool, self._send = words, max_delay_s, pool, send
        self._wanted: frozenset[str] | None = None
        self._stream: Stream | None = None
        self.detected = self.skipped = 0
        self._actions: dict[str, Callable[[Event, bool], Awaitable[None]]] = {
            "describe": self._describe,
            "ping": self._pong,
            "detect": self._detect,
            "audio-start": self._start,
            "audio-chunk": self._chunk,
            "audio-stop": self._stop,
        }

    async def take(self, event: Event, up_to_date: bool) -> None:
        """Act on one message.

        Args:
            up_to_date: whether it came just now, and nothing else waits.

        Raises:
            MessageError: it is not as the protocol wants it.
        """
        action = self._actions.get(event.type)
        if action is not None:
            await action(event, up_to_date)

    async def _describe(self, event: Event, up_to_date: bool) -> None:
        await self._send(self._words.info())

    async def _pong(self, event: Event, up_to_date: bool) -> None:
        await self._send(Event("pong", {"text": event.data.get("text")}))

    async def _detect(self, event: Event, up_to_date: bool) -> None:
        """Choose words; a new signal begins."""
        names = event.data.get("names") or None
        if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
            raise MessageError(f"the names it wants detected must be a list of text, and are {reprlib.repr(names)}")
        self._wanted = None if names is None else frozenset(names)
        self._stream = None
        unknown = self._words.unknown(names or ())
        if unknown:
            text = f"Unknown here: {reprlib.repr(unknown)}; words are {', '.join(self._words.names)}."
            await self._send(error_event(text, "unknown-name"))

    async def _start(self, event: Event, up_to_date: bool) -> None:
        sound_format(event.data)
        await self._open_stream()

    async def _chunk(self, event: Event, up_to_date: bool) -> None:
        stream = self._stream or await self._open_stream()
        for piece in pieces_of(event):
            if stream.add(piece, up_to_date):
                await self._answer(stream)
            up_to_date = False

    async def _stop(self, event: Event, up_to_date: bool) -> None:
        stream = self._stream or await self._open_stream()
        await self._answer(stream, last=True)
        self._stream = None
        if not stream.detected:
            await self._send(NotDetected().event())

    async def _open_stream(self) -> Stream:
        ears = await self._in_pool(self._words.ears, self._wanted)
        self._stream = Stream(ears, self._words.rate_hz, self._max_delay_s)
        return self._stream

    async def _answer(self, stream: Stream, last: bool = False) -> None:
        skipped = stream.skipped
        heard = await self._in_pool(stream.answer, last)
        self.skipped += stream.skipped - skipped
        self.detected += len(heard)
        for word in heard:
            await self._send(Detection(name=word.name, timestamp=word.timestamp).event())

    async def _in_pool(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)


def error_event(text: str, code: str) -> Event:
    """Return the message that tells a client what is wrong."""
    data: dict[str, Any] = {"text": text, "code": code}
    return Event("error", data)
