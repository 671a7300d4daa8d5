"""This machine as a target: a temporary folder and child processes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfkws.tflite.targets.capped_output import communicate
from tfkws.tflite.targets.session import PYTHON, RUN_SECONDS, RawRun, TooSlowError


class LocalSession:
    """A temporary folder here; see `tfkws.tflite.targets.session.Session`.

    Args:
        target: what to call it.
        programs: words that stand for a program, with what they stand for; `PYTHON` is this interpreter by
            default.
        environment: of the commands; None for this process's own.
    """

    def __init__(
        self,
        target: str = "local",
        programs: Mapping[str, Sequence[str]] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.target = target
        self.folder = Path(tempfile.mkdtemp(prefix="tfkws-"))
        self._programs = {PYTHON: (sys.executable,)} if programs is None else dict(programs)
        self._environment = environment

    def push(self, name: str, content: bytes, executable: bool = False) -> None:
        """Write bytes into a file of the folder."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o700 if executable else 0o600)

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = RUN_SECONDS) -> RawRun:
        """Run a command in the folder, as a process group of its own, for at most `seconds`.

        Ctrl-C and the time limit end the whole group.

        Raises:
            TargetError: the time is up.
        """
        started = time.monotonic()
        process = self._start([*self._programs.get(command[0], (command[0],)), *command[1:]])
        if isinstance(process, RawRun):
            return process
        try:
            stdout, stderr = communicate(process, stdin.encode(), seconds, self.target, lambda: _end(process))
        except subprocess.TimeoutExpired:
            raise TooSlowError(self.target, seconds) from None
        finally:
            _end(process)
        code = process.returncode if process.returncode >= 0 else 128 - process.returncode
        taken = time.monotonic() - started
        return RawRun(stdout.decode(errors="replace"), stderr.decode(errors="replace"), code, taken)

    def _start(self, words: Sequence[str]) -> "subprocess.Popen[bytes] | RawRun":
        """Start a program; where it cannot, return what a shell says: 127 for none there, 126 for a refusal."""
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(
                words,
                cwd=self.folder,
                env=self._environment,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                start_new_session=True,
            )
        except FileNotFoundError:
            return RawRun("", f"{words[0]}: not found", 127, 0.0)
        except PermissionError as error:
            return RawRun("", str(error), 126, 0.0)
        except OSError as error:  # a file of another architecture
            return RawRun("", f"{words[0]}: {error.strerror}", 126, 0.0)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and all it started, if it still runs."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
