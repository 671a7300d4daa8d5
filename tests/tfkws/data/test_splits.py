"""The split rule against the data set's own lists, and against a second writing of the official formula."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from tfkws.data.splits import speaker_of, split_of


def official_split(path: str) -> str:
    """`which_set` of TensorFlow's speech_commands example, written down from its description."""
    name = re.sub(r"_nohash_.*$", "", os.path.basename(path))
    bucket = int(hashlib.sha1(name.encode("utf-8")).hexdigest(), 16) % (2**27 - 1 + 1)
    percent = bucket * (100.0 / (2**27 - 1))
    return "validation" if percent < 10 else "testing" if percent < 20 else "training"


@pytest.mark.parametrize("number", range(200))
def test_split_is_the_official_rule(number: int) -> None:
    file = f"word/{hashlib.md5(str(number).encode()).hexdigest()[:8]}_nohash_{number % 5}.wav"
    assert split_of(file) == official_split(file)


def test_word_and_take_do_not_matter() -> None:
    assert len({split_of(f"{word}/abcdef01_nohash_{n}.wav") for word in ("yes", "no") for n in range(20)}) == 1


def test_speaker_without_the_marker_is_the_whole_name() -> None:
    assert speaker_of("word/me.wav") == "me.wav"


@pytest.mark.real_data
def test_official_lists_are_reproduced(speech_commands: Path) -> None:
    listed = {}
    for split in ("validation", "testing"):
        for line in (speech_commands / f"{split}_list.txt").read_text().split():
            listed[line] = split
    files = [f"{p.parent.name}/{p.name}" for p in speech_commands.glob("[a-z]*/*.wav")]
    assert len(files) > 10_000 and listed
    assert {f for f in files if split_of(f) != listed.get(f, "training")} == set()
