import asyncio
import json
import time
from typing import Any

import pytest
from wake_clients import written
from wyoming.event import Event, async_write_event

from tfkws.detect.service.messages import MAX_DATA_BYTES, MAX_LINE_BYTES, MAX_PAYLOAD_BYTES, Inbox
from tfkws.errors import MessageError


def received(*parts: bytes, end: bool = True) -> list[Event]:
    """All messages in what a client sent."""

    async def read() -> list[Event]:
        inbox = Inbox(patience_s=0.2, idle_s=0.2)
        for part in parts:
            inbox.feed_data(part)
        if end:
            inbox.feed_eof()
        events = []
        while (event := await inbox.message()) is not None:
            events.append(event)
        return events

    return asyncio.run(read())


def line(**header: Any) -> bytes:
    return json.dumps(header).encode() + b"\n"


@pytest.mark.parametrize(
    "event",
    [
        Event("describe"),
        Event("detect", {"names": ["happy", "größer"]}),
        Event("audio-chunk", {"rate": 16_000, "width": 2, "channels": 1, "timestamp": 5}, bytes(range(256)) * 8),
    ],
)
def test_what_the_package_writes_is_read(event: Event) -> None:
    (read,) = received(written(event))
    assert (read.type, read.data, read.payload or None) == (event.type, event.data, event.payload)


def test_messages_follow_each_other_in_any_parts() -> None:
    data = b"".join(written(Event("ping", {"text": str(n)}, b"\n{" * n)) for n in range(20))
    parts = [data[first : first + 7] for first in range(0, len(data), 7)]
    assert [event.data["text"] for event in received(*parts)] == [str(n) for n in range(20)]


def test_data_may_stand_in_the_line_too() -> None:
    (event,) = received(line(type="detect", data={"names": ["a"], "b": 1}, data_length=11) + b'{"names":1}')
    assert event.data == {"names": 1, "b": 1}


def test_an_end_between_messages_is_no_error() -> None:
    assert received() == []


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b"GET / HTTP/1.1\r\n", "no line of JSON"),
        (b"\xff\xfe\x00\x80\n", "no line of JSON"),
        (b"\n", "no line of JSON"),
        (b"[" * 50_000 + b"\n", "no line of JSON"),
        (b"9" * 50_000 + b"\n", "no line of JSON"),
        (b'["type"]\n', "no line of JSON with an object"),
        (line(), "no type"),
        (line(type=5), "no type"),
        (line(type="x", data=[1]), "no object"),
        (line(type="x", data_length=2) + b"[]", "no line of JSON with an object"),
        (line(type="x", payload_length="5"), "payload_length must be a whole number"),
        (line(type="x", payload_length=1.5), "payload_length must be a whole number"),
        (line(type="x", payload_length=-1), "payload_length must be a whole number"),
        (line(type="x", payload_length=True), "payload_length must be a whole number"),
        (line(type="x", payload_length=1 << 32), "up to 1048576, and is 4294967296"),
        (line(type="x", payload_length=MAX_PAYLOAD_BYTES + 1), "payload_length must be"),
        (line(type="x", data_length=MAX_DATA_BYTES + 1), "data_length must be"),
        (b"x" * (4 * MAX_LINE_BYTES), f"longer than {MAX_LINE_BYTES} bytes"),
        (line(type="x" * MAX_LINE_BYTES), f"longer than {MAX_LINE_BYTES} bytes"),
        (b'{"type":', "left in the middle"),
        (line(type="x", payload_length=9) + b"1234", "left in the middle"),
        (line(type="x", data_length=9) + b"{", "left in the middle"),
    ],
)
def test_what_is_no_message_is_refused(sent: bytes, sentence: str) -> None:
    with pytest.raises(MessageError) as refused:
        received(sent)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 200
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [(b"", "said nothing for 0.2 s"), (b'{"type":', "not arrive whole"), (line(type="x", payload_length=9), "whole")],
)
def test_a_client_that_stops_is_not_waited_for(sent: bytes, sentence: str) -> None:
    with pytest.raises(MessageError, match=sentence):
        received(sent, end=False)


def test_the_first_message_is_waited_for_less_long() -> None:
    async def wait_s(sent: bytes) -> float:
        inbox = Inbox(patience_s=0.1, idle_s=0.6)
        inbox.feed_data(sent)
        began = time.monotonic()
        with pytest.raises(MessageError, match="said nothing for"):
            while await inbox.message():
                pass
        return time.monotonic() - began

    assert asyncio.run(wait_s(b"")) < 0.5
    assert asyncio.run(wait_s(line(type="detect"))) > 0.5


def test_a_trickle_does_not_count_as_progress() -> None:
    async def trickle() -> float:
        inbox = Inbox(patience_s=0.3, idle_s=5)

        async def drip() -> None:
            while True:
                inbox.feed_data(b" ")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        began = time.monotonic()
        with pytest.raises(MessageError, match="not arrive whole"):
            await inbox.message()
        dripping.cancel()
        return time.monotonic() - began

    assert asyncio.run(trickle()) < 3


def test_a_long_payload_is_taken_though_the_buffer_is_shorter() -> None:
    """Through a real transport, since that is what pauses."""

    async def send_and_read() -> list[Event | None]:
        inbox = Inbox(5, 5)
        come: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
        server = await asyncio.get_running_loop().create_server(
            lambda: asyncio.StreamReaderProtocol(inbox, lambda _, writer: come.set_result(writer)), "127.0.0.1", 0
        )
        _, client = await asyncio.open_connection(*server.sockets[0].getsockname())
        sending = asyncio.create_task(async_write_event(Event("audio-chunk", {}, b"a" * MAX_PAYLOAD_BYTES), client))
        read = [await inbox.message()]
        await sending
        await async_write_event(Event("ping"), client)
        read.append(await inbox.message())
        server.close()
        for end in (client, await come):
            end.close()
            await end.wait_closed()
        return read

    first, second = asyncio.run(send_and_read())
    assert first and first.payload == b"a" * MAX_PAYLOAD_BYTES
    assert second and second.type == "ping"


def test_it_knows_whether_more_waits() -> None:
    async def read() -> list[bool]:
        inbox = Inbox(1, 1)
        inbox.feed_data(line(type="a") + line(type="b"))
        found = []
        for _ in range(2):
            await inbox.message()
            found.append(inbox.waited)
        asyncio.get_running_loop().call_later(0.01, inbox.feed_data, line(type="c"))
        await inbox.message()
        return [*found, inbox.waited]

    assert asyncio.run(read()) == [False, False, True]
