"""Outputs as they may be found: closed, full, read no longer, or of a narrow encoding."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TFKWS = [sys.executable, "-m", "tfkws"]
LISTING = ["models", "list"]


def shell(line: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of a shell in which `$T` is tfkws."""
    command = f"T='{' '.join(TFKWS)}'; {line}"
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=os.environ | environment, timeout=120
    )


@pytest.mark.parametrize("command", ["models list", "models list --json", "--help", "search --help"])
@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_left_is_no_failure(command: str, reader: str) -> None:
    done = shell(f"$T {command} | {reader} >/dev/null; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.parametrize("command", ["models list", "models list --json", "--help"])
def test_a_full_device_is_said_to_be_the_output(command: str) -> None:
    done = shell(f"$T {command} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The output could not be printed (No space left on device); what the command")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_outputs_end_nothing(closed: str) -> None:
    done = shell(f"$T models list {closed}")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_output_is_not_replaced_by_the_next_file(tmp_path: Path) -> None:
    code = (
        "import os, sys; from tfkws.cli.terminal.streams import open_streams; open_streams()\n"
        f"file = open({str(tmp_path / 'file')!r}, 'w'); os.write(1, b'from a library'); print('and from here')"
    )
    shell(f'{sys.executable} -c "{code}" >&-')
    assert not (tmp_path / "file").read_text()


def test_what_cannot_be_encoded_is_replaced_in_text_and_escaped_in_json() -> None:
    code = (
        "from tfkws.cli.terminal.streams import open_streams; open_streams()\n"
        "from tfkws.cli.terminal.output import *\n"
        "show({'time': '5 µs ± 1'}, ['5 µs ± 1'], %s); say('µ'); warn('µ')"
    )
    run = [sys.executable, "-c"]
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    text = subprocess.run([*run, code % False], capture_output=True, text=True, env=ascii_only)
    assert (text.returncode, text.stdout, text.stderr) == (0, "5 ?s ? 1\n", "?\n?\n")
    values = subprocess.run([*run, code % True], capture_output=True, text=True, env=ascii_only)
    assert json.loads(values.stdout) == {"time": "5 µs ± 1"}


def test_colours_that_are_asked_for_bring_no_cursor_codes_into_a_file() -> None:
    code = (
        "from tfkws.cli.terminal.output import *\n"
        "from tfkws.cli.terminal.progress import live_table\n"
        "import time\n"
        "with waiting('scoring'): time.sleep(0.3)\n"
        "with progress_bar() as bar: bar.update(bar.add_task('x', total=2, note=''), completed=2)\n"
        "with live_table(lambda state: None, str) as update: update('a line')\n"
    )
    for variable in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {variable: "1"}, check=True
        )
        assert "\x1b" not in done.stderr
        assert "a line" in done.stderr


def test_work_goes_on_where_nobody_reads_its_progress() -> None:
    code = (
        "from tfkws.cli.terminal.output import *; import time\n"
        "with progress_bar() as bar:\n"
        "    task = bar.add_task('x', total=2, note='')\n"
        "    time.sleep(0.3); bar.update(task, completed=2)\n"
        "for i in range(50): say('x' * 99999); warn('y')\n"
        "print_text('done')"
    )
    done = subprocess.run(
        ["bash", "-c", f'{sys.executable} -c "{code}" 2> >(true)'], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "done\n")
