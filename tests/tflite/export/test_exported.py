"""Files of an exported folder."""

import pytest

from tfkws.tflite.export.exported import filled, json_file


def test_json_keeps_words_of_every_language_readable() -> None:
    assert json_file({"words": ["héllo"]}) == '{\n  "words": [\n    "héllo"\n  ]\n}\n'.encode()


def test_a_template_prints_no_control_codes_of_strangers() -> None:
    names = ("words", "rate", "front_end", "threshold", "speech", "digest")
    text = filled("python/README.md", **dict.fromkeys(names, "a\x1b[2Jb $rate")).decode()
    assert "\x1b" not in text and "$rate" in text
    with pytest.raises(KeyError):
        filled("python/README.md", words="a")
