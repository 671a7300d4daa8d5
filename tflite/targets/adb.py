"""An Android device, or a board that runs adbd, through the adb program."""

import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tfkws.errors import RuntimeUnavailableError, TargetError
from tfkws.tflite.targets.capped_output import communicate
from tfkws.tflite.targets.session import FULL, PYTHON, RUN_SECONDS, RawRun, TooSlowError, connection_lost, disk_full
from tfkws.tflite.targets.ssh import python_words
from tfkws.tflite.targets.watch import BEAT_SECONDS, command_line, watch_line

CONNECT_SECONDS = 30
CLOSE_SECONDS = 15
LONGEST_PATH = 4_096  # bytes
STATES = {
    "unauthorized": "allow debugging by this computer on the device's screen",
    "offline": "unplug it and plug it in again",
    "no permissions": "add a udev rule for it, or join the group plugdev",
}


class AdbSession:
    """A watched temporary folder on a device; see `tfkws.tflite.targets.session.Session`.

    Raises:
        RuntimeUnavailableError: there is no adb.
        TargetError: the device cannot be used.
    """

    def __init__(self, serial: str, python: str = "python3") -> None:
        self.target = f"adb:{serial}"
        program = shutil.which("adb")
        if program is None:
            raise RuntimeUnavailableError("adb targets need the adb program; install it (Debian: apt install adb).")
        self._adb, self._python = [program, "-s", serial], python_words(python)
        self._check_state()
        self._watch = self._start([*self._adb, "shell", "-T", watch_line()])
        self._folder = self._read_folder()
        self._ended = threading.Event()
        threading.Thread(target=self._send_beats, daemon=True).start()

    def push(self, name: str, content: bytes, executable: bool = False) -> None:
        """Write bytes into a file of the folder on the device.

        Raises:
            TargetError: the device refuses it, its disk is full, or the connection is lost.
        """
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / name
            source.write_bytes(content)
            source.chmod(0o700 if executable else 0o600)
            done = self._call([*self._adb, "push", str(source), f"{self._folder}/{name}"], b"", RUN_SECONDS)
        if done.exit_code != 0:
            self._refuse_push(name, done)

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = RUN_SECONDS) -> RawRun:
        """Run a command in the folder on the device, for at most `seconds`.

        Raises:
            TargetError: the connection is lost or the time is up.
        """
        words = [*self._python, *command[1:]] if command[0] == PYTHON else list(command)
        done = self._call([*self._adb, "shell", "-T", command_line(self._folder, words)], stdin.encode(), seconds)
        # adb says 0 when the device is disconnected while a command runs.
        if (done.exit_code != 0 or not done.stdout) and not self._is_connected():
            raise TargetError(connection_lost(self.target))
        return done

    def close(self) -> None:
        """End what still runs there and let the device remove the folder."""
        self._ended.set()
        with suppress(subprocess.TimeoutExpired, OSError, ValueError):
            self._watch.communicate(timeout=CLOSE_SECONDS)
        if self._watch.poll() is None:
            self._watch.kill()
            self._watch.communicate()

    def _check_state(self) -> None:
        done = self._call([*self._adb, "get-state"], b"", CONNECT_SECONDS)
        if done.exit_code != 0:
            complaint = (done.stderr.strip().splitlines() or ["no answer"])[-1].removeprefix("error: ")
            mend = next((mend for word, mend in STATES.items() if word in complaint), "see `adb devices`")
            raise TargetError(f"{self.target} cannot be used ({complaint}); {mend}.")

    def _is_connected(self) -> bool:
        return self._watch.poll() is None and self._call([*self._adb, "get-state"], b"", CONNECT_SECONDS).exit_code == 0

    def _read_folder(self) -> str:
        stdout = self._watch.stdout
        folder = stdout.readline(LONGEST_PATH).decode(errors="replace").strip() if stdout else ""
        if folder.startswith("/"):
            return folder
        _, stderr = self._watch.communicate(timeout=CONNECT_SECONDS)
        complaint = (stderr.decode(errors="replace").strip().splitlines() or [folder or "the shell ended"])[-1]
        raise TargetError(f"{self.target} gives no temporary folder ({complaint}).")

    def _refuse_push(self, name: str, done: RawRun) -> None:
        said = f"{done.stdout}\n{done.stderr}"
        if any(word in said.lower() for word in FULL):
            raise TargetError(disk_full(self.target))
        if not self._is_connected():
            raise TargetError(connection_lost(self.target))
        raise TargetError(f"{name} cannot be written on {self.target}: {said.strip().splitlines()[-1]}")

    def _call(self, words: Sequence[str], stdin: bytes, seconds: float) -> RawRun:
        started = time.monotonic()
        process = self._start(words)
        try:
            stdout, stderr = communicate(process, stdin, seconds, self.target, process.kill)
        except subprocess.TimeoutExpired:
            raise TooSlowError(self.target, seconds) from None
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        texts = (stdout.decode(errors="replace"), stderr.decode(errors="replace"))
        return RawRun(*texts, process.returncode, time.monotonic() - started)

    def _start(self, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start adb in a session of its own, so that Ctrl-C leaves it to us."""
        return subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )

    def _send_beats(self) -> None:
        while not self._ended.wait(BEAT_SECONDS) and self._watch.stdin is not None:
            with suppress(OSError, ValueError):
                self._watch.stdin.write(b"\n")
                self._watch.stdin.flush()
