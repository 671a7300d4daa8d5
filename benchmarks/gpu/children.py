"""Child processes of the program: started with what they need, logged, ended when their time is over."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gpu.prepared import LOADER
from benchmarks.gpu.results import LOGS

GRACE_SECONDS = 5.0
CACHE = "cache"  # of compiled programs, beside the prepared files: it is not taken back


@dataclass(frozen=True)
class Clock:
    """The time that is left, by Unix time in seconds."""

    began: float
    ends: float

    def after(self, share: float) -> float:
        """Return when a share of the whole time, 0..1, is over."""
        return self.began + share * (self.ends - self.began)

    def left(self, until: float) -> float:
        """Return the seconds until then; 0 where it is over."""
        return max(0.0, until - time.time())

    def say(self, text: str) -> None:
        """Print a line with the seconds since the start."""
        print(f"[{time.time() - self.began:5.0f} s] {text}", flush=True)


@dataclass(frozen=True)
class Place:
    """Where the program runs.

    Attributes:
        folder: prepared.
        results: of this machine.
        site: unpacked wheels.
        device: "gpu"; "cpu" tries the program.
    """

    folder: Path
    results: Path
    site: Path
    device: str

    def environment(self) -> dict[str, str]:
        """Return the environment of a child."""
        paths = [str(self.folder.resolve()), str(self.site.resolve()), os.environ.get("PYTHONPATH", "")]
        found = {
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "KERAS_BACKEND": "jax",
            "JAX_COMPILATION_CACHE_DIR": str((self.folder / CACHE).resolve()),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",  # several processes share the card's memory
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        loader = self.folder / LOADER
        if loader.is_dir():
            found["LD_LIBRARY_PATH"] = os.pathsep.join(
                filter(None, [str(loader.resolve()), os.environ.get("LD_LIBRARY_PATH", "")])
            )
        if self.device == "cpu":
            found["JAX_PLATFORMS"] = "cpu"
        return os.environ | found


def start(place: Place, module: str, arguments: Sequence[str], log: str) -> "subprocess.Popen[bytes]":
    """Start a module of this package as a process that writes to a log of its own."""
    command = [sys.executable, "-m", f"benchmarks.gpu.{module}", str(place.folder), str(place.results), *arguments]
    with (place.results / LOGS / f"{log}.txt").open("ab") as file:
        return subprocess.Popen(command, env=place.environment(), stdout=file, stderr=subprocess.STDOUT)


def wait(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Return whether a process ended well within its time; it is ended where it did not."""
    try:
        return process.wait(timeout=seconds) == 0
    except subprocess.TimeoutExpired:
        end(process)
        return False


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process, gently and then not."""
    process.terminate()
    try:
        process.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_line(place: Place, log: str) -> str:
    """Return the last line of a child's log, for a message; "" where it said nothing."""
    path = place.results / LOGS / f"{log}.txt"
    lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
    return lines[-1][:300] if lines else ""
