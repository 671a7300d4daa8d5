"""A day of audio through what `tfkws listen` runs: memory, processor time, losses; and the delay by the clock.

    python -m benchmarks over-air/long_run AUDIO... --bundle kws10-int8.kws --hours 24

AUDIO are files that are heard one after the other, again and again, as fast as they go. After that the first minutes
are heard by the clock, in threads as from a microphone, for the delay from a window's last sample to its answer. The
records hold no audio.
"""

import argparse
import itertools
import platform
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import tfkws
from benchmarks.records import say
from tfkws.config.detector import ListenConfig
from tfkws.data.audio.blocks import file_digest
from tfkws.detect.capture.files import file_blocks
from tfkws.detect.detector import Detector
from tfkws.detect.live.listening import Listening, Source, Status, paced
from tfkws.run_folder import read_json, write_json, write_text
from tfkws.units import format_percent
from tfkws.views.table import Record, Table, number, table_of, text

HOUR_S = 3_600
RUNS = (
    text("detector", "detector"),
    number("hours", "hours", lambda hours: f"{hours:g}"),
    number("times real time", "times_real_time", lambda times: f"{times:.0f}"),
    number("of one core", "cpu_share", lambda share: format_percent(share, 2)),
    number("answered", "answered", lambda count: f"{count:,}"),
    number("left out", "dropped"),
    number("memory after 1 h, MiB", "memory_first_mib", lambda size: f"{size:.1f}"),
    number("at the end", "memory_last_mib", lambda size: f"{size:.1f}"),
    number("most", "memory_most_mib", lambda size: f"{size:.1f}"),
)
DELAYS = (
    text("detector", "detector"),
    number("minutes by the clock", "minutes", lambda minutes: f"{minutes:g}"),
    number("of one core", "cpu_share", lambda share: format_percent(share, 2)),
    number("median delay, ms", "median_ms", lambda value: f"{value:.1f}"),
    number("99 %", "p99_ms", lambda value: f"{value:.1f}"),
    number("longest", "longest_ms", lambda value: f"{value:.1f}"),
    number("windows left out", "dropped"),
    number("audio lost, s", "lost_s", lambda value: f"{value:.2f}"),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of measuring."""
    parser.add_argument("audio", type=Path, nargs="*", help="audio files of any length")
    parser.add_argument("--bundle", type=Path, help="a .kws file")
    parser.add_argument("--hours", type=float, default=24.0, help="default: %(default)s")
    parser.add_argument("--minutes", type=float, default=5.0, help="by the clock; default: %(default)s")


def measure(options: argparse.Namespace) -> None:
    """Listen for hours, then by the clock, and write one record."""
    if not options.audio or options.bundle is None:
        raise SystemExit("Give audio files and --bundle, or --tables.")
    record = options.out / "long-run" / f"{options.bundle.stem}.json"
    if record.exists():
        say(f"{record.stem}: there")
        return
    whole = hear_hours(options.bundle, options.audio, options.hours)
    say(f"{record.stem}: {whole['times_real_time']:.0f} times real time, {whole['memory_last_mib']:.1f} MiB")
    delay = hear_by_the_clock(options.bundle, options.audio, options.minutes)
    machine = {"processor": platform.machine(), "python": platform.python_version(), "tfkws": tfkws.__version__}
    digests = [file_digest(path) for path in options.audio]
    write_json(record, {"machine": machine, "audio": digests, "run": whole, "delay": delay})


def hear_hours(bundle: Path, audio: Sequence[Path], hours: float) -> dict[str, Any]:
    """Hear `hours` of audio as fast as it goes; memory is read after every hour of it."""
    detector = Detector(bundle)
    memory: list[float] = []
    blocks = noted(endless(audio, detector.sample_rate_hz), detector.sample_rate_hz, hours, memory)
    listening = Listening({bundle.stem: detector}, Source("files", blocks, False), ListenConfig(), _ignore, _ignore)
    began = time.monotonic()
    status = listening.run()
    ear = status.ears[bundle.stem]
    return {
        "detector": bundle.stem, "hours": hours, "times_real_time": hours * HOUR_S / (time.monotonic() - began),
        "cpu_share": status.cpu_share, "answered": ear.answered, "dropped": ear.dropped, "detections": ear.detections,
        "memory_mib": memory, "memory_first_mib": memory[0], "memory_last_mib": memory[-1],
        "memory_most_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "settings": detector.settings.to_dict(),
    }  # fmt: skip


def hear_by_the_clock(bundle: Path, audio: Sequence[Path], minutes: float) -> dict[str, Any]:
    """Hear audio as it would come from a microphone, in threads, and note the delay of answers."""
    detector, delays = Detector(bundle), list[float]()
    rate = detector.sample_rate_hz
    blocks = paced(noted(endless(audio, rate), rate, minutes / 60, []), rate)
    settings = replace(ListenConfig(), near_miss=None)

    def note(status: Status) -> None:
        ear = status.ears[bundle.stem]
        if ear.answered:
            delays.append(ear.latency_ms)

    status = Listening({bundle.stem: detector}, Source("files", blocks, True), settings, _ignore, note).run()
    ear = status.ears[bundle.stem]
    return {
        "detector": bundle.stem, "minutes": minutes, "cpu_share": status.cpu_share, "answers_seen": len(delays),
        "median_ms": float(np.median(delays)), "p99_ms": float(np.quantile(delays, 0.99)),
        "longest_ms": max(delays), "dropped": ear.dropped, "lost_s": ear.lost_samples / rate,
    }  # fmt: skip


def endless(audio: Sequence[Path], rate: int) -> Iterator[np.ndarray]:
    """Yield the blocks of all files, again and again."""
    for path in itertools.cycle(audio):
        yield from file_blocks(path, rate)


def noted(blocks: Iterator[np.ndarray], rate: int, hours: float, memory: list[float]) -> Iterator[np.ndarray]:
    """Yield `hours` of audio, and note the resident memory in MiB after every hour and at the end."""
    samples, wanted = 0, round(hours * HOUR_S * rate)
    for block in blocks:
        yield block
        samples += len(block)
        if samples // (HOUR_S * rate) > len(memory):
            memory.append(resident_mib())
        if samples >= wanted:
            memory.append(resident_mib())
            return


def resident_mib() -> float:
    """Return the memory of this process that is in use now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def _ignore(_: Any) -> None:
    """What is heard and how it goes is read at the end."""


def write_tables(folder: Path) -> None:
    """Write the tables from the records; measures nothing."""
    records = [read_json(path) for path in sorted((folder / "long-run").glob("*.json"))]
    write_text(folder / "long-run.md", "\n".join(table.to_markdown() for table in tables(records)))


def tables(records: Sequence[Record]) -> list[Table]:
    """Return what a day took, and the delay by the clock."""
    return [
        table_of("A day of audio, as fast as it goes", RUNS, [record["run"] for record in records]),
        table_of("By the clock, in threads, as from a microphone", DELAYS, [record["delay"] for record in records]),
    ]
