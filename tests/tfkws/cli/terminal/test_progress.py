"""Progress goes to stderr: numbered parts, lines under them, and a bar once work begins."""

import io
import re
import sys

import pytest

from tfkws.cli.terminal.progress import TerminalProgress, live_table
from tfkws.views.table import Table


def test_parts_are_numbered_and_lines_stand_under_them(capsys: pytest.CaptureFixture[str]) -> None:
    progress = TerminalProgress()
    progress.stage("Train")
    progress.say("97 %")
    progress.stage("Convert")
    out, err = capsys.readouterr()
    assert out == ""
    first, line, second = err.splitlines()
    assert re.fullmatch(r"\[ +\d+ s\] 1\. Train", first)
    assert line == " " * 10 + "97 %"
    assert second.endswith("2. Convert")


def test_lines_of_a_single_stage_are_not_indented(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalProgress(numbered=False).say("97 %")
    assert capsys.readouterr().err == "97 %\n"


def test_a_bar_is_shown_from_its_first_step_on(capsys: pytest.CaptureFixture[str]) -> None:
    progress = TerminalProgress()
    with progress.bar("Idle"):
        pass
    assert capsys.readouterr().err == ""
    with progress.bar("Decode") as advance:
        advance(1, 2, "")
        advance(2, 2, "done")
    err = capsys.readouterr().err
    assert "Decode" in err and "2/2" in err


def test_where_there_is_no_terminal_a_changing_state_is_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with live_table(lambda state: Table("t", (), ()), lambda state: state) as update:
        for line in ("", "1 of 3 done", "1 of 3 done", "2 of 3 done"):
            update(line)
    assert capsys.readouterr().err == "1 of 3 done\n2 of 3 done\n"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 120])
def test_on_a_terminal_a_changing_table_is_drawn_over_and_leaves_nothing(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stays is what the command prints at its end, so that the table is not there twice."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    rows = tuple((f"network {number}", "1.0 M", "9.5 %") for number in range(3))
    with live_table(lambda state: Table("Front", ("network", "MACs", "error"), rows[:state]), str) as update:
        for state in (1, 2, 3):
            update(state)
    written = terminal.getvalue()
    last = written.rindex("network 2")
    lines = [re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", line) for line in re.split(r"[\r\n]", written)]
    assert max(map(len, lines)) <= columns
    assert written.count("\x1b[2K", last) >= 4  # the heading and each row are erased after they were drawn last
    assert written.rindex("\x1b[?25h") > last  # and the cursor is there again
