import asyncio
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fake_bundles import write_loudness_bundle

from tfkws.config import DetectorConfig, ServiceConfig
from tfkws.errors import ConfigError, RuntimeUnavailableError, ServiceError, TfliteFileError
from tfkws.pipeline.serve import Served, serve_bundles


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_loudness_bundle(tmp_path_factory.mktemp("kitchen") / "loud.kws")


def unchanged(settings: DetectorConfig) -> DetectorConfig:
    return settings


def serve_until(by: signal.Signals, bundles: list[Path], uri: str) -> tuple[Served, list[str]]:
    """Serve in this process until it has reported that it listens."""
    lines: list[str] = []

    def end() -> None:
        while not any(line.startswith("Listening") for line in lines):
            time.sleep(0.01)
        os.kill(os.getpid(), by)

    threading.Thread(target=end, daemon=True).start()
    return serve_bundles(bundles, ServiceConfig(uri=uri), unchanged, lines.append), lines


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(by: signal.Signals, bundle: Path) -> None:
    served, lines = serve_until(by, [bundle], "tcp://127.0.0.1:0")
    assert served == Served(by, clients=0, dropped=0, detected=0, skipped=0)
    (line,) = lines
    assert line.startswith("Listening at tcp://127.0.0.1:")
    assert line.endswith(" for loud; Ctrl-C ends it.")


def test_a_socket_that_others_reach_is_warned_of_in_one_sentence(bundle: Path) -> None:
    _, (warning, _) = serve_until(signal.SIGTERM, [bundle], "tcp://0.0.0.0:0")
    assert warning.startswith("Anyone who reaches tcp://0.0.0.0:")
    assert warning.count(". ") == 0


def test_bundles_of_one_name_are_told_apart_by_their_folders(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "hall").mkdir()
    other = tmp_path / "hall" / "loud.kws"
    other.write_bytes(bundle.read_bytes())
    _, (line,) = serve_until(signal.SIGTERM, [bundle, other], "tcp://127.0.0.1:0")
    assert f"loud_{bundle.parent.name}_loud, loud_hall_loud" in line


def test_what_cannot_be_served(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "damaged.kws").write_bytes(b"PK" * 50)
    settings = ServiceConfig(uri="tcp://127.0.0.1:0")
    with pytest.raises(ConfigError, match="no bundle to serve"):
        serve_bundles([], settings, unchanged, print)
    with pytest.raises(ConfigError, match="is given twice"):
        serve_bundles([bundle, bundle], settings, unchanged, print)
    with pytest.raises(TfliteFileError, match="none.kws does not exist"):
        serve_bundles([tmp_path / "none.kws"], settings, unchanged, print)
    with pytest.raises(TfliteFileError, match="damaged or not a bundle"):
        serve_bundles([tmp_path / "damaged.kws"], settings, unchanged, print)
    with pytest.raises(ServiceError, match="impossible"):
        serve_bundles([bundle], ServiceConfig(uri="tcp://192.0.2.1:1"), unchanged, print)


def test_without_the_package_the_sentence_says_how_to_get_it(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wyoming.event", None)
    with pytest.raises(RuntimeUnavailableError, match=r"run `pip install 'tfkws\[serve\]'`"):
        serve_bundles([bundle], ServiceConfig(), unchanged, print)


def test_a_failure_of_the_event_loop_is_one_line(bundle: Path) -> None:
    """As when the system has no more files for a connection: asyncio tells its handler and goes on."""
    lines: list[str] = []

    def report(line: str) -> None:
        lines.append(line)
        if line.startswith("Listening"):
            loop: Any = asyncio.get_running_loop()
            loop.call_exception_handler({"message": "too many\nfiles", "exception": OSError(24, "too many")})
            loop.call_later(0.1, os.kill, os.getpid(), signal.SIGTERM)

    serve_bundles([bundle], ServiceConfig(uri="tcp://127.0.0.1:0"), unchanged, report)
    assert lines[1:] == ["The service went on after: 'too many\\nfiles'."]
