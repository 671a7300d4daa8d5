"""What a target is asked: its facts, its runtime's version, its state, and requests to the pushed archive."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfkws.config.strict import read
from tfkws.errors import BenchmarkError, ConfigError, RuntimeUnavailableError, TargetError
from tfkws.strict_json import parse_json
from tfkws.tflite.runtime.runtimes import RUNTIMES
from tfkws.tflite.targets import device_archive
from tfkws.tflite.targets.machine import FILES, Machine, describe_machine
from tfkws.tflite.targets.session import PYTHON, RUN_SECONDS, RawRun, Session, raise_failure
from tfkws.units import format_bytes

OLDEST_PYTHON = (3, 9)
_LOOK = (
    "uname -m; uname -s -r -v; nproc 2> /dev/null || echo 1; df -Pk . | tail -n 1; "
    "for f in {}; do [ -r /$f ] && echo \"==> $f\" && tr -d '\\000' < /$f && echo; done; true"
)
_FILE = re.compile(r"==> ((?:proc|sys)/[\w/:.-]+)")


@dataclass(frozen=True)
class DeviceFacts:
    """What a device offers.

    Attributes:
        free_bytes: bytes that are free on the disk of the temporary folder.
        python: version, or empty where there is none.
        packages: name to version, of those that matter.
    """

    target: str
    architecture: str
    system: str
    cores: int
    free_bytes: int
    python: str
    packages: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def ask_facts(session: Session) -> DeviceFacts:
    """Ask a device what it is and has; nothing but a POSIX shell need be there.

    Raises:
        TargetError: the connection is lost, or there is no shell that answers.
    """
    machine, free_bytes = _look(session)
    python = _python_version(session)
    found: dict[str, Any] = {"packages": {}}
    if python and _version(python) >= OLDEST_PYTHON:
        device_archive.push_archive(session)
        found = ask(session, "facts", {})
    return DeviceFacts(
        target=session.target,
        architecture=field_of({"architecture": machine.architecture, **found}, "architecture", str, session.target),
        system=machine.system,
        cores=machine.cores,
        free_bytes=free_bytes,
        python=python,
        packages=field_of(found, "packages", dict[str, str], session.target),
    )


def require_runtime(facts: DeviceFacts, runtime: str, needed_bytes: int) -> None:
    """Check that a device can answer requests for a runtime.

    Raises:
        TargetError: Python or room on the disk is missing.
        RuntimeUnavailableError: NumPy or the runtime is.
    """
    where, packages = facts.target, facts.packages
    if facts.free_bytes < needed_bytes:
        raise TargetError(
            f"{where} has {format_bytes(facts.free_bytes)} free where temporary files go, and "
            f"{format_bytes(needed_bytes)} are needed; free some space there."
        )
    if not facts.python or _version(facts.python) < OLDEST_PYTHON:
        raise TargetError(
            f"{where} needs Python 3.9 or later and has {facts.python or 'none'}; name another by --python, or give "
            "--runtime benchmark_model, which needs no Python."
        )
    if "numpy" not in packages:
        raise RuntimeUnavailableError(
            f"{where} has Python {facts.python} without NumPy; run `pip install tfkws` there, and name that Python by "
            "--python."
        )
    if runtime in RUNTIMES and RUNTIMES[runtime].package not in packages:
        _refuse_absent_runtime(facts, runtime)


def _refuse_absent_runtime(facts: DeviceFacts, runtime: str) -> None:
    others = [name for name, row in RUNTIMES.items() if row.package in facts.packages]
    instead = f", or use --runtime {others[0]}, which it has" if others else ""
    raise RuntimeUnavailableError(
        f"{facts.target} ({facts.architecture}, Python {facts.python}) has no {RUNTIMES[runtime].package}; run "
        f"`{RUNTIMES[runtime].install}` there{instead}."
    )


def ask_runtime_version(session: Session, runtime: str) -> str:
    """Load a runtime on the device and return its version; an installed one may not work there.

    Raises:
        TargetError, BenchmarkError: it does not load; the message says why.
    """
    return field_of(ask(session, "try", {"runtime": runtime}), "runtime_version", str, session.target)


def ask_machine(session: Session) -> Machine:
    """Read the state of the device: clock in MHz, temperature, load.

    Raises:
        TargetError: the device cannot be reached.
    """
    return _look(session)[0]


def ask(session: Session, kind: str, request: dict[str, Any], seconds: float = RUN_SECONDS) -> dict[str, Any]:
    """Let the pushed archive answer a request of `tfkws.tflite.on_device.main`.

    Raises:
        TargetError, BenchmarkError: it failed; the message says why.
    """
    return answer_of(
        run_checked(session, (PYTHON, device_archive.NAME, kind), json.dumps(request), seconds), session.target
    )


def run_checked(session: Session, command: Sequence[str], stdin: str = "", seconds: float = RUN_SECONDS) -> RawRun:
    """Run a command that must succeed.

    Raises:
        TargetError, BenchmarkError: it failed; the message says why.
    """
    done = session.run(command, stdin, seconds)
    if done.exit_code != 0:
        raise_failure(done, command, session.target)
    return done


def answer_of(done: RawRun, target: str) -> dict[str, Any]:
    """Read the answer of the pushed archive.

    Raises:
        BenchmarkError: it is not one.
    """
    try:
        return dict(parse_json(done.stdout))
    except (ValueError, TypeError):
        raise BenchmarkError(
            f"{target} answered {done.stdout[:80]!r} instead of JSON; its login shell must print nothing of its own."
        ) from None


def field_of(answer: dict[str, Any], key: str, hint: Any, target: str) -> Any:
    """Return one value of an answer, of the type `hint`.

    Raises:
        BenchmarkError: it is not there, or of another type.
    """
    try:
        return read(hint, answer.get(key), key)
    except ConfigError as error:
        raise BenchmarkError(f"The answer of {target} is none of tfkws ({error}).") from None


def _look(session: Session) -> tuple[Machine, int]:
    """State of the machine, and free bytes of the folder's disk."""
    text = run_checked(session, ("sh", "-c", _LOOK.format(" ".join(FILES)))).stdout
    lines = text.splitlines()
    try:
        architecture, system, cores, disk = (line.strip() for line in lines[:4])
        free_bytes = 1024 * int(disk.split()[3])
        count = int(cores)
    except (ValueError, IndexError):
        raise TargetError(f"{session.target} answers {text[:80]!r}; its shell must be a POSIX one.") from None
    return describe_machine(_texts(lines[4:]), architecture, system, count), free_bytes


def _texts(lines: Sequence[str]) -> dict[str, str]:
    """Split `==> name` sections into name to content."""
    texts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        header = _FILE.fullmatch(line)
        if header:
            current = texts.setdefault(header[1], [])
        else:
            current.append(line)
    return {name: "\n".join(content).strip() for name, content in texts.items()}


def _python_version(session: Session) -> str:
    """Version of the Python there, or nothing."""
    done = session.run((PYTHON, "-c", "import sys; print('.'.join(str(n) for n in sys.version_info[:3]))"))
    return done.stdout.strip() if done.exit_code == 0 else ""


def _version(text: str) -> tuple[int, ...]:
    parts = text.split(".")[:2]
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()
