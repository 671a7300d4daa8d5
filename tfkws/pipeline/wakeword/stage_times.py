"""How long the stages of a run took, all tries together."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tfkws.pipeline.parts.progress import StageProgress
from tfkws.run_folder import read_record, write_json

TIMES = "times.json"


class Run:
    """The folder of one run, and how long its stages took."""

    def __init__(self, folder: Path, progress: StageProgress) -> None:
        self.folder, self.progress = folder, progress
        self.times: dict[str, dict[str, float]] = {}

    @contextmanager
    def stage(self, name: str, title: str) -> Iterator[None]:
        """Show a stage and add its times to what earlier tries took."""
        path = self.folder / TIMES
        self.times = read_record(path) if path.exists() else {}
        self.progress.stage(title)
        begun, cpu = time.monotonic(), _cpu_s()
        try:
            yield
        finally:
            before = self.times.get(name, {"seconds": 0.0, "cpu_seconds": 0.0})
            spent = {"seconds": time.monotonic() - begun, "cpu_seconds": _cpu_s() - cpu}
            self.times[name] = {key: round(before[key] + value, 1) for key, value in spent.items()}
            write_json(path, self.times)


def _cpu_s() -> float:
    """Return CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
