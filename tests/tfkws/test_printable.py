"""Whatever can act on a terminal is written out, and nothing else changes."""

import json
import sys
import unicodedata

import pytest

from tfkws.printable import printable, printable_json


@pytest.mark.parametrize("text", ["café", "[unk]", "pip install 'tfkws[train]'", "日本語", "می\u200cخواهم", "5 µs ± 1"])
def test_words_stay(text: str) -> None:
    assert printable(text) == text
    assert printable_json(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\r\nb", r"a\r\nb"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2028", r"\u2028"),
        ("\udcff", r"\udcff"),
        ("\x7f", r"\x7f"),
    ],
)
def test_what_acts_on_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_no_character_of_any_control_category_is_left() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    left = {unicodedata.category(one) for one in set(printable(everything)) - {"\u200c", "\u200d"}}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_one_s_own_line_feeds_may_stay() -> None:
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@pytest.mark.parametrize("text", ["\x9b", "\u202e", "\ud800", "a\x7fb", "\U000e0041", "plain"])
def test_json_stays_the_same_value(text: str) -> None:
    shown = printable_json(json.dumps({"label": text}, ensure_ascii=False, indent=2))
    assert json.loads(shown) == {"label": text}
    assert printable(shown, keep="\n") == shown
