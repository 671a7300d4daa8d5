"""Files of an exported folder."""

from tfkws.tflite.export.exported import json_file


def test_json_keeps_words_of_every_language_readable() -> None:
    assert json_file({"words": ["héllo"]}) == '{\n  "words": [\n    "héllo"\n  ]\n}\n'.encode()
