"""`tfkws serve` as a process of its own, and what it refuses."""

import asyncio
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from fake_bundles import write_loudness_bundle
from refused_commands import assert_refused
from wake_clients import chunks, hear, tone, written
from wyoming.audio import AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.event import Event
from wyoming.wake import Detect

PATIENT = ("--max-delay-ms", "60000")  # on a busy machine nothing is left out


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_loudness_bundle(tmp_path_factory.mktemp("bundles") / "loud.kws")


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the service; yield it and where it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tfkws", "serve", *arguments, *PATIENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        line = process.stderr.readline()
        found = re.match(r"Listening at (\S+) for loud; ", line)
        assert found, line
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


async def heard_at(uri: str) -> list[str | None]:
    async with AsyncClient.from_uri(uri, read_timeout=20) as client:
        return [heard.name for heard in await hear(client, chunks(tone(3, 1)))]


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_cleanly(by: signal.Signals, code: int, bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "wake.sock"
    uri = f"unix://{path}" if code else "tcp://127.0.0.1:0"
    with command(str(bundle), "--uri", uri) as (process, address):
        assert asyncio.run(heard_at(address)) == ["loud"]
        process.send_signal(by)
        stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == code
    assert stdout == ""
    assert stderr == "Ended: 1 clients came and 0 were dropped; 1 words were heard and 0 windows left out.\n"
    assert not path.exists()


def test_detector_settings_of_an_option_hold_for_all_bundles(bundle: Path) -> None:
    with command(str(bundle), "--uri", "tcp://127.0.0.1:0", "--threshold", "1") as (_, address):
        assert asyncio.run(heard_at(address)) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.kws"], "none.kws does not exist"),
        (["none.kws", "--uri", "http://here"], "--uri must be tcp://HOST:PORT or unix:///PATH"),
        (["none.kws", "--max-clients", "0"], "--max-clients must be at least 1"),
    ],
)
def test_a_wrong_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_refused(["serve", *arguments], sentence, tmp_path, monkeypatch)


def test_a_port_in_use_is_one_sentence(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with command(str(bundle), "--uri", "tcp://127.0.0.1:0") as (_, address):
        sentence = f"{address} is in use; end what listens there, or choose another address by --uri."
        assert_refused(["serve", str(bundle), "--uri", address], sentence, tmp_path, monkeypatch)


def messages() -> list[bytes]:
    """What a client sends, message by message."""
    events = [
        Event("describe"),
        Event("ping", {"text": "there?"}),
        Detect(["loud"]).event(),
        AudioStart(16_000, 2, 1).event(),
        *chunks(tone(2, 0.5)),
        *chunks(tone(0.5, 0, 48_000), 48_000, 3, 2),
        AudioStop().event(),
    ]
    return [written(event) for event in events]


def mutated(message: bytes, rng: random.Random) -> bytes:
    """A message that was damaged in one of the ways that damage comes in."""
    at = rng.randrange(len(message))
    numbers = [b"-1", b"0", b"1e400", b"4294967296", b"9" * 400, b"null", b"NaN", b'"16000"', b"[[]]", b"2.5", b"true"]
    return rng.choice([
        lambda: message[:at],
        lambda: message[at:],
        lambda: message[:at] + rng.randbytes(rng.randrange(1, 40)) + message[at:],
        lambda: message[:at] + bytes([message[at] ^ 1 << rng.randrange(8)]) + message[at + 1 :],
        lambda: message.replace(b"\n", b"", 1),
        lambda: message * rng.randrange(2, 50),
        lambda: re.sub(rb"\d+", lambda _: rng.choice(numbers), message, count=rng.randrange(1, 6)),
        lambda: rng.randbytes(rng.randrange(1, 5_000)),
        lambda: b"[" * rng.randrange(1, 70_000) + message,
    ])()  # fmt: skip


async def send_damaged(address: str, good: list[bytes], rng: random.Random) -> None:
    """Send some messages, one of them damaged, and leave, in one of the ways that clients leave."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    first = rng.randrange(len(good))
    sent = [*good[:first], mutated(good[first], rng), *good[first + 1 :]]
    with suppress(OSError):
        writer.write(b"".join(sent))
        if rng.random() < 0.5:
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 20)
        elif rng.random() < 0.5:
            writer.transport.abort()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def resident_kb(pid: int) -> int:
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_thousand_damaged_messages_disturb_no_one(bundle: Path, tmp_path: Path) -> None:
    rng, good, errors = random.Random(20_261_127), messages(), tmp_path / "stderr"

    async def attack(address: str, pid: int) -> tuple[int, int]:
        sizes = []
        for _ in range(50):
            await asyncio.gather(*(send_damaged(address, good, rng) for _ in range(20)))
            assert await heard_at(address) == ["loud"]
            sizes.append(resident_kb(pid))
        return sizes[4], sizes[-1]

    with open(errors, "w") as stream:
        arguments = [str(bundle), "--uri", "tcp://127.0.0.1:0", "--patience-s", "5", *PATIENT]
        process = subprocess.Popen([sys.executable, "-m", "tfkws", "serve", *arguments], stderr=stream)
        try:
            while not (found := re.match(r"Listening at (\S+) for loud; ", errors.read_text())):
                assert process.poll() is None
                time.sleep(0.05)
            early, late = asyncio.run(attack(found[1], process.pid))
            process.terminate()
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()
            process.wait()
    lines = errors.read_text().splitlines()
    assert late < early + 20_000  # kilobytes
    assert all(line.startswith("Client ") and " was dropped: " in line for line in lines[1:-1])
    assert all(line.isprintable() and len(line) < 250 for line in lines)
    assert 200 < len(lines) < 1_002
    assert re.match(r"Ended: 1050 clients came and \d+ were dropped; \d+ words were heard", lines[-1])
