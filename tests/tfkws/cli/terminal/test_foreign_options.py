"""What is told of a model made elsewhere, from the command line."""

import json
from pathlib import Path

import pytest

from tfkws.cli.terminal.field_options import Changes
from tfkws.cli.terminal.foreign_options import read_front_end, read_labels, told_by
from tfkws.config import ForeignModel
from tfkws.errors import ConfigError
from tfkws.features.front_ends import FRONT_ENDS


@pytest.mark.parametrize(
    "content",
    [
        b"_silence_\n_unknown_\nyes\nno\n",
        b"\xef\xbb\xbfsilence\r\nunknown\r\nyes\r\nno\r\n",
        b'["_silence_", "unknown", "yes", "no"]',
    ],
)
def test_labels_of_a_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(content)
    assert read_labels(str(path)) == ("_silence_", "_unknown_", "yes", "no") == read_labels("silence,unknown,yes,no")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"caf\xe9\n", "in UTF-8"), (b"", "at least one class"), (b"yes\nyes\n", "must differ"), (b'["yes"', "no list"),
     (b"a\x1b[2Jb\n", "control codes")],
)  # fmt: skip
def test_a_file_that_is_no_list_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=sentence):
        read_labels(str(path))


def test_front_ends_by_name_by_file_and_audio(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    mine = FRONT_ENDS["mfcc-49x10"].to_dict() | {"name": "mine", "hop_samples": 160, "frames": 98}
    path.write_text(json.dumps(mine))
    assert read_front_end("mfcc-49x10") == FRONT_ENDS["mfcc-49x10"]
    assert read_front_end(str(path)).input_shape == (98, 10, 1)
    path.write_text(json.dumps({"features": mine, "seed": 1}))  # a run's config.json
    assert read_front_end(str(path)).name == "mine"
    assert read_front_end("audio").clip_samples == 16_000
    with pytest.raises(ConfigError, match="There is no front end 'mfcc-49x11'.*Did you mean"):
        read_front_end("mfcc-49x11")


def test_nothing_told_is_none_and_a_half_is_refused() -> None:
    assert told_by(Changes({})) is None
    with pytest.raises(ConfigError, match="--labels and --features; --features is missing"):
        told_by(Changes({"labels": ("yes", "no")}))
    with pytest.raises(ConfigError, match="--labels and --features is missing"):
        told_by(Changes({"scale": 2.0}))
    told = told_by(Changes({"labels": ("yes", "no"), "features": "audio", "scale": 32768.0}))
    assert told == ForeignModel(("yes", "no"), read_front_end("audio"), takes_audio=True, scale=32768.0)


@pytest.mark.parametrize("scale", [0.0, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(scale: float) -> None:
    with pytest.raises(ConfigError, match="scale must be a number|scale must not be 0"):
        told_by(Changes({"labels": ("yes", "no"), "features": "audio", "scale": scale}))


@pytest.mark.parametrize("content", ["[" * 100_000, '["yes", 3]', '["yes", null]', '["yes", NaN]', '["\\ud800"]'])
def test_a_json_list_of_other_things_than_labels_is_one_sentence(content: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match="is no list of labels .*; write one a line"):
        read_labels(str(path))
