"""The service over real sockets, with the protocol's own client and with clients that follow no protocol."""

import asyncio
import json
import resource
import socket
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wake_clients import (
    LONGER_MS,
    RATE,
    Served,
    chunks,
    encoded,
    hear,
    one_word,
    send_all,
    serving,
    tone,
    two_words,
)
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.event import Event, async_write_event
from wyoming.info import Describe, Info
from wyoming.wake import Detect, Detection

from tfkws.config import ServiceConfig
from tfkws.detect.service.messages import MAX_LINE_BYTES
from tfkws.detect.service.server import WakeService
from tfkws.errors import ServiceError

HEARD_MS = 600  # from the beginning of the tone to the end of the window that decides, as its detector has it


def settings(**changes: Any) -> ServiceConfig:
    return replace(ServiceConfig(uri="tcp://127.0.0.1:0", max_delay_ms=LONGER_MS), **changes)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 120))


async def assert_served(served: Served) -> None:
    """A good client is served as if there were no others."""
    async with served.client() as client:
        await client.write_event(Describe().event())
        event = await client.read_event()
        assert event and Info.is_type(event.type)
        assert [heard.name for heard in await hear(client, chunks(tone(3, 1)))] == ["loud"]


def test_describe_and_detect() -> None:
    async def scenario() -> None:
        async with serving() as served, served.client() as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
            assert event
            (program,) = Info.from_event(event).wake
            assert [model.phrase for model in program.models] == ["loud"]
            (heard,) = await hear(client, chunks(tone(5, 2)), ["loud"])
            assert heard.name == "loud"
            assert heard.timestamp == (2_000 + HEARD_MS - 1) // 64 * 64
            assert await hear(client, chunks(np.zeros(3 * RATE))) == []
        assert served.lines == []
        assert (served.service.served, served.service.dropped, served.service.detected) == (1, 0, 1)

    run(scenario())


def test_a_detection_arrives_while_audio_goes_on() -> None:
    async def scenario() -> None:
        async with serving() as served, served.client() as client:
            await client.write_event(Detect().event())
            await client.write_event(AudioStart(RATE, 2, 1).event())
            for event in chunks(tone(3, 1)):
                await client.write_event(event)
            answer = await client.read_event()
            assert answer and Detection.from_event(answer).name == "loud"

    run(scenario())


@pytest.mark.parametrize("form", [(48_000, 3, 2), (48_000, 4, 2), (44_100, 2, 1), (8_000, 2, 6)])
def test_any_sound_is_resampled(form: tuple[int, int, int]) -> None:
    rate, width, channels = form

    async def scenario() -> None:
        async with serving() as served, served.client() as client:
            events = chunks(tone(4, 1, rate), rate, width, channels)
            (heard,) = await hear(client, events, form=form)
            assert heard.timestamp == pytest.approx(1_000 + HEARD_MS, abs=200)

    run(scenario())


def test_fifty_clients_at_once_hear_each_their_own() -> None:
    begins = np.linspace(0.5, 3.0, 50)

    async def one(served: Served, begin: float) -> list[tuple[str | None, int | None]]:
        async with served.client() as client:
            start_ms = round(1e6 * begin)  # every client has its own clock
            heard = await hear(client, chunks(tone(4.5, begin), start_ms=start_ms), ["noisy"])
            return [(each.name, each.timestamp and each.timestamp - start_ms) for each in heard]

    async def alone(served: Served, begin: float) -> int:
        (ear,) = two_words().ears(["noisy"])
        (heard,) = ear.detector.feed(tone(4.5, begin).astype(np.float32))
        return (round(1_000 * heard.time_s) - 1) // 64 * 64

    async def scenario() -> None:
        async with serving(two_words()) as served:
            heard = await asyncio.gather(*(one(served, begin) for begin in begins))
            expected = [[("noisy", await alone(served, begin))] for begin in begins]
        assert heard == expected
        assert served.lines == []
        assert served.service.detected == 50

    run(scenario())


def test_a_socket_of_the_file_system(tmp_path: Path) -> None:
    path = tmp_path / "wake.sock"
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(path))
    stale.close()  # left behind by a service that was killed

    async def scenario() -> None:
        chosen = settings(uri=f"unix://{path}")
        async with serving(settings=chosen) as served:
            await assert_served(served)
            with pytest.raises(ServiceError, match="is in use"):
                await WakeService(one_word(), chosen, print).__aenter__()
            await assert_served(served)

    run(scenario())
    assert not path.exists()


def test_an_address_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    async def refusal(uri: str) -> str:
        with pytest.raises(ServiceError) as refused:
            async with WakeService(one_word(), settings(uri=uri), print):
                pass
        return str(refused.value)

    async def scenario() -> None:
        async with serving() as served:
            assert "is in use; end what listens there" in await refusal(served.service.address.uri)
        assert "impossible" in await refusal("tcp://192.0.2.1:10400")
        assert "impossible" in await refusal("tcp://no-such-host.invalid:10400")
        assert "impossible" in await refusal(f"unix://{tmp_path}/none/wake.sock")
        assert "is no socket" in await refusal(f"unix://{tmp_path}/file")

    run(scenario())
    assert (tmp_path / "file").read_text() == "mine"


BAD = {
    "four gigabytes announced": b'{"type": "audio-chunk", "payload_length": 4294967296}\n' + bytes(100_000),
    "a line without end": b"x" * (5 * MAX_LINE_BYTES),
    "garbage": bytes(range(255, -1, -1)) * 100,
    "another protocol": b"GET / HTTP/1.1\r\nHost: wake\r\n\r\n",
    "a list": b"[1, 2]\n",
    "no type": b"{}\n",
    "brackets": b"[" * 60_000 + b"\n",
    "a length that is text": b'{"type": "detect", "data_length": "12"}\n',
    "text that is no Unicode": b'{"type": "ping", "data": {"text": "\\ud800"}}\n',
    "escape sequences": b"\x1b[31mred\x1b]0;title\x07\n",
}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_a_bad_client_is_dropped_and_told_so(sent: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            reader, writer = await served.raw()
            writer.write(sent)
            told = await asyncio.wait_for(reader.read(), 10) if len(sent) < 1_000 else b""
            await assert_served(served)
            writer.close()
            assert len(served.lines) == 1
            assert served.lines[0].startswith("Client 1 (127.0.0.1:")
            assert "was dropped: " in served.lines[0]
            assert served.lines[0].isprintable()
            assert len(served.lines[0]) < 250
            if told:
                header, data = told.split(b"\n", 1)
                assert json.loads(header)["type"] == "error"
                assert json.loads(data)["text"].startswith("Connection dropped: ")

    run(scenario())


@pytest.mark.parametrize(
    "sent", [b"", b'{"type": "describe"', b'{"type": "audio-chunk", "payload_length": 99}\nhalf'], ids=repr
)
def test_a_client_that_goes_silent_is_dropped(sent: bytes) -> None:
    async def scenario() -> None:
        async with serving(settings=settings(patience_s=0.3, idle_s=0.3)) as served:
            reader, writer = await served.raw()
            writer.write(sent)
            told = await asyncio.wait_for(reader.read(), 10)
            assert b"0.3 s" in told
            writer.close()
            assert len(served.lines) == 1

    run(scenario())


def test_a_client_that_never_reads_is_dropped() -> None:
    async def scenario() -> None:
        async with serving(settings=settings(patience_s=0.5)) as served:
            _, writer = await served.raw()
            asking = b'{"type": "describe"}\n' * 1_000
            began = time.monotonic()
            with pytest.raises(OSError):  # the service stops reading, then hangs up
                while time.monotonic() < began + 60:
                    writer.write(asking)
                    await writer.drain()
            assert "did not read its answers within 0.5 s" in served.lines[0]
            await assert_served(served)

    run(scenario())


@pytest.mark.parametrize(
    "sent", [b'{"type": "ping"', b'{"type": "ping"}\n', AudioStart(RATE, 2, 1).event().type.encode()]
)
def test_a_client_that_leaves_disturbs_no_one(sent: bytes) -> None:
    async def scenario() -> None:
        async with serving() as served:
            for _ in range(20):
                _, writer = await served.raw()
                writer.write(sent)
                writer.transport.abort()
            await assert_served(served)
            assert "failure" not in "".join(served.lines)

    run(scenario())


def test_one_client_too_many_is_told_so() -> None:
    async def scenario() -> None:
        async with serving(settings=settings(max_clients=2)) as served:
            good = [served.client() for _ in range(2)]
            for client in good:
                await client.connect()
                await client.write_event(Event("ping", {}))
                await client.read_event()
            reader, writer = await served.raw()
            assert b"2 clients are served already" in await asyncio.wait_for(reader.read(), 10)
            writer.close()
            assert "Client 3 (127.0.0.1:" in served.lines[0]
            assert "was turned away" in served.lines[0]
            await good.pop().disconnect()
            await asyncio.sleep(0.05)
            await assert_served(served)
            await good.pop().disconnect()

    run(scenario())


def test_audio_without_end_is_held_back_and_not_stored() -> None:
    """A client sends as fast as it can; what is not answered yet waits on its side."""

    async def flood(client: AsyncClient, seconds: float) -> int:
        sent, end = 0, time.monotonic() + seconds
        chunk = AudioChunk(RATE, 2, 1, encoded(np.zeros(10 * RATE))).event()
        while time.monotonic() < end:
            await client.write_event(chunk)
            sent += 10
        return sent

    async def scenario() -> None:
        async with serving() as served, served.client() as client:
            await flood(client, 0.5)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            sent_s = await flood(client, 2.0)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            assert sent_s > 100
            assert grown < 20_000  # kilobytes
            await assert_served(served)

    run(scenario())


def test_a_slow_network_leaves_windows_out_of_a_live_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    words = one_word()
    model = words.bundles[0].model
    predict = model.predict

    def slowly(examples: np.ndarray) -> np.ndarray:
        time.sleep(0.2 * len(examples))  # and a window comes every 0.1 s
        return predict(examples)

    monkeypatch.setattr(model, "predict", slowly)

    async def scenario() -> None:
        async with serving(words, settings(max_delay_ms=200.0)) as served:
            async with served.client() as client:
                began = time.monotonic()
                for number, event in enumerate(chunks(np.zeros(3 * RATE), chunk_ms=20)):
                    await asyncio.sleep(max(0.0, began + 0.02 * number - time.monotonic()))
                    await client.write_event(event)
                sent = time.monotonic()
                await client.write_event(Event("ping", {}))
                await client.read_event()
                assert time.monotonic() - sent < 1.5  # of the 4.2 s that all windows take
            while not served.lines:
                await asyncio.sleep(0.01)
            assert 5 <= served.service.skipped < 21
            assert f"{served.service.skipped} windows were left out" in served.lines[0]

    run(scenario())


def test_it_ends_while_clients_talk() -> None:
    async def scenario() -> None:
        async with serving() as served:
            clients = [served.client() for _ in range(5)]
            for client in clients:
                await client.connect()
                await send_all(client, chunks(tone(2, 0.5)))
        for client in clients:
            with suppress(ConnectionResetError):
                while await client.read_event():
                    pass
            with suppress(ConnectionResetError):
                await client.disconnect()
        assert served.service.served == 5
        assert served.lines == []

    run(scenario())


def test_who_stops_sending_is_answered_to_the_end() -> None:
    async def scenario() -> None:
        async with serving() as served:
            reader, writer = await served.raw()
            for event in [*chunks(tone(3, 1)), AudioStop().event()]:
                await async_write_event(event, writer)
            writer.write_eof()
            answers = await asyncio.wait_for(reader.read(), 10)
            assert b'"detection"' in answers
            writer.close()
        assert served.lines == []

    run(scenario())
