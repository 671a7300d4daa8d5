"""What native code prints on descriptors 1 and 2."""

import os
import sys

import pytest

from tfkws.tflite.runtime.native_output import capture_native_output


def test_both_descriptors_are_kept_off_the_terminal_and_readable(capfd: pytest.CaptureFixture[str]) -> None:
    with capture_native_output() as log:
        os.write(1, b"to stdout, ")
        os.write(2, b"to stderr")
        log.seek(0)
        assert log.read() == b"to stdout, to stderr"
    assert capfd.readouterr() == ("", "")


def test_what_was_written_before_and_after_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write("before ")  # not flushed yet
    with capture_native_output():
        os.write(1, b"hidden")
    os.write(1, b"after")
    assert capfd.readouterr().out == "before after"


def test_descriptors_come_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    opened = len(os.listdir("/proc/self/fd"))
    with pytest.raises(ValueError, match="refused"), capture_native_output():
        raise ValueError("refused")
    os.write(2, b"shown again")
    assert capfd.readouterr().err == "shown again"
    assert len(os.listdir("/proc/self/fd")) == opened
