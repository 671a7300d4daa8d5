import os
import pty
import threading
from io import StringIO
from pathlib import Path

import pytest
from fake_bundles import loudness_bundle
from rich.console import Console

from tfkws.cli.terminal.live_listening import LivePanel, event_line, keys_to, lines_to
from tfkws.detect.decision import Detection
from tfkws.detect.detector import Detector
from tfkws.detect.live.ear import EarState, Heard
from tfkws.detect.live.listening import Status

HEARD = Heard("kws10", Detection("[red]happy", 0.91, 32_000, 2.0), False, 3.0)


def drawn(panel: LivePanel) -> str:
    console = Console(file=StringIO(), width=140)
    console.print(panel._live.renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_an_event_is_a_line() -> None:
    assert event_line(HEARD).split() == ["2.00", "s", "[red]happy", "0.91", "(kws10)"]


def test_the_panel_shows_meter_scores_and_losses() -> None:
    panel = LivePanel("USB [Audio]", {"loudness": Detector(loudness_bundle())})
    ear = EarState(dropped=4, lost_samples=8_000, scores={"loud": 0.75}, latency_ms=12.0, detections=2)
    panel.heard(HEARD)
    panel.show(Status(12.5, -30.0, 0.021, 3, {"loudness": ear}, problem="disk is full"))
    text = drawn(panel)
    for part in ("USB [Audio]", "-30 dB", "2.1 %", "0.75", "0.50", "12 ms", "0.50 s", "3 times", "disk is full"):
        assert part in text
    assert "[red]happy" in text
    assert "█" * 15 + "·" * 5 in text


def test_keys_reach_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, keyboard = pty.openpty()
    pressed, done = list[str](), threading.Event()

    def act(key: str) -> None:
        pressed.append(key)
        if len(pressed) == 2:
            done.set()

    with os.fdopen(terminal, "wb", buffering=0) as hands, os.fdopen(keyboard, "r") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with keys_to(act):
            hands.write(b"+q")
            assert done.wait(5)
    assert pressed == ["+", "q"]


def test_lines_reach_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path, seen, done = tmp_path / "lines", list[str](), threading.Event()
    path.write_text("one\ntwo\n")

    def act(line: str) -> None:
        seen.append(line)
        if len(seen) == 2:
            done.set()

    with path.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with lines_to(act):
            assert done.wait(5)
    assert seen == ["one", "two"]
