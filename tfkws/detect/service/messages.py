"""Reading messages of the Wyoming protocol from clients that nobody vouches for.

A message is a line of JSON with a type, then `data_length` bytes of JSON and `payload_length` bytes of audio. The
reader of the package `wyoming` believes these lengths, waits for ever, and fails with whatever a malformed line raises;
this one bounds sizes and times and raises one error. Messages are written by the package.
"""

import asyncio
import reprlib
from collections.abc import Iterable
from typing import Any, SupportsIndex

from wyoming.event import Event

from tfkws.errors import MessageError
from tfkws.strict_json import parse_json

MAX_LINE_BYTES = 1 << 16
MAX_DATA_BYTES = 1 << 16
MAX_PAYLOAD_BYTES = 1 << 20  # 32 s of 16 kHz mono, 2.7 s of 48 kHz stereo with 32 bits


class Inbox(asyncio.StreamReader):
    """What a client sends, message by message; at most three `MAX_LINE_BYTES` and one payload are held at once.

    Args:
        patience_s: longest time from the first byte of a message to its last.
        idle_s: longest time without a message; the first one has to come within `patience_s`.

    Attributes:
        waited: whether the latest message was not there yet when it was asked for, so nothing waits behind it.
    """

    def __init__(self, patience_s: float, idle_s: float) -> None:
        super().__init__(limit=MAX_LINE_BYTES)
        self._patience_s, self._idle_s = patience_s, idle_s
        self._wait_s = min(patience_s, idle_s)  # for the next message
        self._arrivals = 0
        self.waited = False

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        """Take bytes from the transport, which can bring them only while a reader waits for some."""
        self._arrivals += 1
        super().feed_data(data)

    async def message(self) -> Event | None:
        """Return the next message, or None at the end.

        Raises:
            MessageError: it is malformed, too long, too slow, or half of it is missing.
        """
        arrivals = self._arrivals
        try:
            first = await self._first_byte()
            if not first:
                return None
            async with asyncio.timeout(self._patience_s):
                event = await self._rest(first)
        except TimeoutError:
            raise MessageError(f"its message did not arrive whole within {self._patience_s:g} s") from None
        except asyncio.IncompleteReadError:
            raise MessageError("it left in the middle of a message") from None
        self.waited = self._arrivals != arrivals
        self._wait_s = self._idle_s
        return event

    async def _first_byte(self) -> bytes:
        try:
            async with asyncio.timeout(self._wait_s):
                return await self.read(1)
        except TimeoutError:
            raise MessageError(f"it said nothing for {self._wait_s:g} s") from None

    async def _rest(self, first: bytes) -> Event:
        header = _json(first if first == b"\n" else first + await self._line())
        kind = header.get("type")
        if not isinstance(kind, str):
            raise MessageError(f"its message has no type ({reprlib.repr(header)})")
        data = header.get("data") or {}
        if not isinstance(data, dict):
            raise MessageError(f"the data of its message are no object ({reprlib.repr(data)})")
        data_bytes = await self.readexactly(_length(header, "data_length", MAX_DATA_BYTES))
        payload = await self.readexactly(_length(header, "payload_length", MAX_PAYLOAD_BYTES))
        return Event(kind, data | _json(data_bytes) if data_bytes else data, payload)

    async def _line(self) -> bytes:
        try:
            return await self.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise MessageError(f"its line is longer than {MAX_LINE_BYTES} bytes") from None


def _json(line: bytes) -> dict[str, Any]:
    try:
        value = parse_json(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise MessageError(f"its message is no line of JSON with an object ({reprlib.repr(line)})")
    return value


def _length(header: dict[str, Any], key: str, limit: int) -> int:
    value = header.get(key)
    if value is None:
        return 0
    if type(value) is not int or not 0 <= value <= limit:
        raise MessageError(f"{key} must be a whole number up to {limit}, and is {reprlib.repr(value)}")
    return value
