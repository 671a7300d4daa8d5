"""What commands print: JSON for scripts, tables and sentences as plain text, whoever a text came from."""

import json

import pytest

from tfkws.cli.terminal.output import print_json_line, print_text, progress_bar, say, show, waiting, warn
from tfkws.cli.terminal.progress import TerminalProgress, live_table
from tfkws.views.table import Table

TABLE = Table("Scores", ("model",), (("[a]",),), (), "a note [in brackets]")
# As Rich would read them, in order: an unknown style, a known one, an emoji, a closing tag without a beginning; then
# colours, the cursor's home, and the title of a window.
HARMLESS = ("[unk]", "[bold]x", ":smiley:", "[/red]", "pip install 'tfkws[train]'")
ACTING = {"\x1b[31mred": r"\x1b[31mred", "\x9b2J": r"\x9b2J", "\x1b]0;t\x07": r"\x1b]0;t\x07"}
HOSTILE = {**{text: text for text in HARMLESS}, **ACTING}


def test_a_result_is_json_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    show({"a": "µ"}, [TABLE], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"a": "µ"}


def test_tables_come_with_their_notes_then_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    show({}, [TABLE, "done", ""], as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "Scores"
    assert lines[-2:] == ["a note [in brackets]", "done"]
    assert any(line.strip() == "[a]" for line in lines)


@pytest.mark.parametrize(("text", "shown"), [*HOSTILE.items()])
def test_every_way_to_the_terminal_is_plain_text(text: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(text, (text, "n"), ((text, "1"),), ("n",), text)
    show({}, [table, text], as_json=False)
    print_text(text)
    out = capsys.readouterr().out
    assert out.count(shown) == 6, out  # title, heading, cell, note, and two sentences
    say(text)
    warn(text)
    with waiting(text), progress_bar() as bar:
        bar.update(bar.add_task("clips", note=""), note="")
    progress = TerminalProgress()
    progress.stage(text)
    progress.say(text)
    with progress.bar(text) as advance:
        advance(1, 2, text)
    with live_table(lambda state: Table(text, ("a",), ((text,),)), lambda state: text) as update:
        update(None)
    err = capsys.readouterr().err
    assert err.count(shown) >= 6, err
    assert not {"\x9b", "\x07"} & set(out + err)
    assert "\x1b[31m" not in out + err


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_plain_too(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    show({text: text}, [], as_json=True)
    print_json_line({text: text})
    out = capsys.readouterr().out
    whole, line = out[: out.rindex("}\n", 0, -2) + 2], out.splitlines()[-1]
    assert json.loads(whole) == json.loads(line) == {text: text}
    assert not {"\x9b", "\x07", "\x1b"} & set(out)
