"""Record what a session was asked and what it answered, and answer the same again without the device."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfkws.config.strict import read, record
from tfkws.errors import ConfigError, TargetError
from tfkws.run_folder import append_jsonl
from tfkws.strict_json import parse_json
from tfkws.tflite.targets import device_archive
from tfkws.tflite.targets.session import RUN_SECONDS, RawRun, Session

FILE = "recording.jsonl"


class RecordingSession:
    """Another session, each step of which is appended to `recording.jsonl`; failures too.

    Raises:
        TargetError: the folder holds a recording already.
    """

    def __init__(self, session: Session, folder: Path) -> None:
        self._session, self._file, self.target = session, folder / FILE, session.target
        if self._file.exists():
            raise TargetError(f"{folder} holds a recording already; give --record another folder.")
        append_jsonl(self._file, {"target": session.target})

    def push(self, name: str, content: bytes, executable: bool = False) -> None:
        """Push, and record the name and a digest of the content."""
        self._keep(push_step(name, content), lambda: self._session.push(name, content, executable))

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = RUN_SECONDS) -> RawRun:
        """Run a command for at most `seconds`, and record the answer.

        Raises:
            TargetError: the target failed, which is recorded too.
        """
        return RawRun(**self._keep(run_step(command, stdin), lambda: self._session.run(command, stdin, seconds)))

    def close(self) -> None:
        """Close the other session."""
        self._session.close()

    def _keep(self, step: dict[str, Any], act: Any) -> dict[str, Any]:
        try:
            done = act()
        except TargetError as error:
            append_jsonl(self._file, {**step, "failed": str(error)})
            raise
        answer = done.to_dict() if done is not None else {}
        append_jsonl(self._file, {**step, "answer": answer})
        return dict(answer)


class ReplaySession:
    """A recording that answers; it must be asked in the same order for the same things.

    Raises:
        TargetError: the folder holds no recording.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        try:
            lines = [parse_json(line) for line in self._file.read_bytes().splitlines()]
            steps = read(tuple[dict[str, Any], ...], lines, FILE)
            self.target = f"replay of {steps[0]['target']}"
        except (OSError, ValueError, LookupError):
            raise TargetError(f"{folder} holds no recording; make one by --record {folder}.") from None
        self._steps = iter(steps[1:])

    def push(self, name: str, content: bytes, executable: bool = False) -> None:
        """Accept the file that was pushed when the recording was made.

        Raises:
            TargetError: another step was recorded.
        """
        self._next(push_step(name, content))

    def run(self, command: Sequence[str], stdin: str = "", seconds: float = RUN_SECONDS) -> RawRun:
        """Return the recorded answer.

        Raises:
            TargetError: the recording failed here too, or another command was recorded.
        """
        try:
            return record(RawRun, self._next(run_step(command, stdin)))
        except ConfigError as error:
            raise TargetError(f"{self._file} is damaged ({error}); make a new recording.") from None

    def close(self) -> None:
        """Do nothing: there is nothing to tidy up."""

    def _next(self, asked: dict[str, Any]) -> dict[str, Any]:
        recorded: dict[str, Any] = next(self._steps, {})
        if "failed" in recorded and asked.items() <= recorded.items():
            raise TargetError(str(recorded["failed"]) or "The target failed.")
        if "answer" not in recorded or not asked.items() <= recorded.items():
            differing = [key for key in asked if asked[key] != recorded.get(key)] or ["end"]
            raise TargetError(
                f"{self._file} was recorded otherwise ({', '.join(differing)} differ); use the command, the model and "
                "the options of the recording, or make a new one."
            )
        answer: dict[str, Any] = recorded["answer"]
        return answer


def push_step(name: str, content: bytes) -> dict[str, Any]:
    """Describe a push. The archive's content is left out, so that recordings outlive versions of tfkws."""
    return {"push": name, "sha256": "" if name == device_archive.NAME else hashlib.sha256(content).hexdigest()}


def run_step(command: Sequence[str], stdin: str) -> dict[str, Any]:
    """Describe a run."""
    return {"run": list(command), "stdin": stdin}
