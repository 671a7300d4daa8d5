"""Names as text, and back to what lies on disk."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.names import composed, on_disk, shown, text_of


@given(st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name))
def test_any_name_can_be_shown_on_one_line(name: bytes) -> None:
    listed = os.fsdecode(name)
    printed = shown(listed)
    assert printed.encode() and len(printed.splitlines()) == 1
    text = text_of(listed)
    assert text is None or os.fsencode(on_disk(text)) == name


@pytest.mark.parametrize("name", [b"caf\xe9", b"two\nlines", b"\x1b[31mred", "\u2028".encode()])
def test_what_is_no_text_of_one_line_is_none(name: bytes) -> None:
    assert text_of(os.fsdecode(name)) is None


def test_a_listed_name_opens_its_file(tmp_path: Path) -> None:
    (tmp_path / "gr\u00fcn").write_text("here")
    (name,) = (text_of(entry) for entry in os.listdir(tmp_path))
    assert name == "gr\u00fcn" and (tmp_path / on_disk(name)).read_text() == "here"


def test_accents_are_composed_and_the_rest_is_left() -> None:
    assert composed("cafe\u0301") == "caf\u00e9" == composed("caf\u00e9") and composed("\u5c0f\u7231") == "\u5c0f\u7231"
