"""`tfkws serve` as a process of its own, and what it refuses."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_bundles import write_loudness_bundle
from refused_commands import assert_refused
from wake_clients import chunks, hear, tone
from wyoming.client import AsyncClient


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_loudness_bundle(tmp_path_factory.mktemp("bundles") / "loud.kws")


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the service; yield it and where it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tfkws", "serve", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
