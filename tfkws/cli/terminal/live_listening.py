"""What a person sees while detectors listen: a meter, scores, the latest events; and keys that change settings."""

import os
import select
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tfkws.cli.terminal.output import stderr_console
from tfkws.detect.detector import Detector
from tfkws.detect.live.controls import HELP, LONGEST_LINE
from tfkws.detect.live.ear import SILENCE_DB, EarState, Event, Heard
from tfkws.detect.live.listening import Status
from tfkws.printable import printable

BAR = 20
KEPT = 8  # events shown
LOWEST_DB = -60.0
POLL_S = 0.1


class LivePanel:
    """A view of listening, drawn on standard error four times a second."""

    def __init__(self, source: str, detectors: Mapping[str, Detector]) -> None:
        self._source, self._detectors = source, detectors
        self._events: deque[Text] = deque(maxlen=KEPT)
        self._live = Live(console=stderr_console(), refresh_per_second=4, transient=True)

    def __enter__(self) -> "LivePanel":
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._live.__exit__(*error)

    def heard(self, event: Event) -> None:
        """Show an event among the latest."""
        if isinstance(event, Heard):
            style = "dim" if event.near_miss else "bold green"
            self._events.append(Text(printable(event_line(event)), style=style))

    def show(self, status: Status) -> None:
        """Draw the state: audio in seconds, level in dB, share of one core, detectors, latest events."""
        title = Text(f"{printable(self._source)}   {status.seconds:8.1f} s   ")
        title.append(_meter(status.level_db), style="green" if status.level_db < -3 else "red")
        title.append(f" {status.level_db:4.0f} dB   {100 * status.cpu_share:.1f} % of one core")
        lost = Text(f"the device lost audio {status.overflows} times", style="red" if status.overflows else "dim")
        notes = [Text(printable(status.problem), style="red")] if status.problem else []
        self._live.update(Group(title, self._ears(status), *self._events, *notes, lost, Text(HELP, style="dim")))

    def _ears(self, status: Status) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for column in ("detector", "word", "score", "threshold", "heard", "latency", "left out", "lost"):
            table.add_column(column)
        for name, ear in status.ears.items():
            for row in self._rows(name, ear):
                table.add_row(*(Text(printable(cell)) for cell in row))
        return table

    def _rows(self, name: str, ear: EarState) -> Iterator[tuple[str, ...]]:
        detector = self._detectors[name]
        lost = f"{ear.lost_samples / detector.sample_rate_hz:.2f} s"
        for word in detector.words:
            score = ear.scores.get(word, 0.0)
            yield (
                name, word, f"{_bar(score)} {score:.2f}", f"{detector.settings.threshold:.2f}", str(ear.detections),
                f"{ear.latency_ms:.0f} ms", str(ear.dropped), lost,
            )  # fmt: skip


def event_line(event: Heard) -> str:
    """Return an event as one line for people: time in seconds, label, score 0..1 and detector."""
    one = event.detection
    near = "  near miss" if event.near_miss else ""
    return f"{one.time_s:9.2f} s  {one.label}  {one.score:.2f}  ({event.ear}){near}"


def _bar(share: float) -> str:
    filled = round(BAR * min(1.0, max(0.0, share)))
    return "█" * filled + "·" * (BAR - filled)


def _meter(level_db: float) -> str:
    return _bar((max(level_db, SILENCE_DB) - LOWEST_DB) / -LOWEST_DB)


@contextmanager
def keys_to(act: Callable[[str], None]) -> Iterator[None]:
    """Call `act` with each key that is pressed, in a thread of its own; do nothing where there is no keyboard."""
    if not sys.stdin.isatty():
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        with _reading(lambda text: _for_each(act, text)):
            yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


@contextmanager
def lines_to(act: Callable[[str], None]) -> Iterator[None]:
    """Call `act` with each line that a program writes to standard input, in a thread of its own."""
    rest = ""

    def take(text: str) -> None:
        nonlocal rest
        *lines, rest = (rest + text).split("\n")
        rest = rest[:LONGEST_LINE]
        _for_each(act, lines)

    with nullcontext() if sys.stdin.isatty() else _reading(take):
        yield


def _for_each(act: Callable[[str], None], parts: Iterable[str]) -> None:
    for part in parts:
        act(part)


@contextmanager
def _reading(take: Callable[[str], object]) -> Iterator[None]:
    """Give `take` what comes on standard input until this is left.

    The file descriptor is polled: a thread that waits in `sys.stdin` itself could not be ended.
    """
    try:
        file = sys.stdin.fileno()
    except OSError:  # standard input was replaced by something in memory
        yield
        return
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            if select.select([file], [], [], POLL_S)[0]:
                data = os.read(file, LONGEST_LINE)
                if not data:
                    return
                take(data.decode(errors="replace"))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
