"""Output of programs is read whole, up to a bound in bytes and in seconds."""

import subprocess
import sys
import time

import pytest

from tfkws.errors import TargetError
from tfkws.tflite.targets import capped_output
from tfkws.tflite.targets.capped_output import communicate
from tfkws.tflite.targets.local import LocalSession


def start(code: str) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe)


def test_all_that_is_said_comes_back() -> None:
    code = "import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data[::-1]); sys.stderr.write('done')"
    content = bytes(range(256)) * 4_000
    process = start(code)
    assert communicate(process, content, 30, "it", process.kill) == (content[::-1], b"done")
    assert process.returncode == 0


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_ends_soon_and_takes_little_memory(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capped_output, "MAX_OUTPUT_BYTES", 1 << 20)
    process = start(f"import sys\nwhile True: sys.{stream}.write('x' * 65536)")
    started = time.monotonic()
    with pytest.raises(TargetError, match="it answers more than 1 MiB"):
        communicate(process, b"", 60, "it", process.kill)
    assert time.monotonic() - started < 30
    assert process.wait(10) != 0


def test_silence_ends_in_time() -> None:
    process = start("import time; time.sleep(60)")
    with pytest.raises(subprocess.TimeoutExpired):
        communicate(process, b"", 0.5, "it", process.kill)
    assert process.wait(10) != 0


def test_a_program_that_reads_nothing_is_no_hang() -> None:
    process = start("print('x')")
    assert communicate(process, bytes(1 << 22), 30, "it", process.kill)[0] == b"x\n"


def test_a_session_ends_what_floods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capped_output, "MAX_OUTPUT_BYTES", 1 << 20)
    session = LocalSession()
    with pytest.raises(TargetError, match="without an end"):
        session.run((sys.executable, "-c", "while True: print('x' * 65536)"))
    session.close()
