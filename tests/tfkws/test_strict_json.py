"""JSON of strangers is read within bounds, and whatever is not such JSON is a ValueError with a sentence."""

import json
import random
from typing import Any

import pytest

from tfkws.strict_json import MAX_DEPTH, parse_json


@pytest.mark.parametrize("value", [{"µ": [1, 2.5, None, True, "a\tb", "😀"]}, [], 0, -1.5e300, "x", 10**39])
def test_it_reads_what_json_writes(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert parse_json(text) == parse_json(text.encode()) == value
        assert parse_json(b"\xef\xbb\xbf" + text.encode()) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("NaN", "NaN is no number"),
        ('{"a": -Infinity}', "-Infinity is no number"),
        ("[1e999]", "1e999 is beyond the largest number"),
        ("1" * 41, "more than 40 digits"),
        ("1" * 10_000, "more than 40 digits"),
        (r'"\ud800"', "half of a surrogate pair"),
        (r'{"\uDFFF": 1}', "half of a surrogate pair"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "nested too deep"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested too deep"),
        (b"\xff", "utf-8"),
        ("", "Expecting value"),
        ("{'a': 1}", "Expecting"),
    ],
)
def test_anything_else_is_refused_in_words(text: str | bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_json(text)


def test_what_is_just_deep_enough_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(text) == json.loads(text)


def test_length_is_bounded_before_it_is_parsed() -> None:
    with pytest.raises(ValueError, match="longer than 10 bytes"):
        parse_json("[" + "1," * 50 + "1]", max_bytes=10)


def test_no_edit_raises_anything_but_a_value_error() -> None:
    draw = random.Random(3)
    text = json.dumps({"labels": ["yes", "é"], "n": [1, 2.5e3, {"deep": [[[]]]}], "s": "\ud83d\ude00"}).encode()
    for _ in range(5_000):
        edited = bytearray(text)
        for _ in range(draw.randrange(1, 4)):
            edited[draw.randrange(len(edited))] = draw.randrange(256)
        try:
            parse_json(bytes(edited))
        except ValueError:
            continue
