"""A task's own rules."""

from typing import Any

import pytest

from tfkws.config import TaskConfig
from tfkws.config.task import read_labels
from tfkws.errors import ConfigError


def test_words_are_there_and_differ() -> None:
    with pytest.raises(ConfigError, match="at least one word"):
        TaskConfig("commands", ())
    with pytest.raises(ConfigError, match="words must differ. Received yes, yes"):
        TaskConfig("commands", ("yes", "yes"))


def test_shares_of_unknown_and_silence_are_percents() -> None:
    with pytest.raises(ConfigError, match=r"silence_percent must lie in 0\.\.1000, or be None"):
        TaskConfig("commands", ("yes",), silence_percent=1001)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([], "at least one class"),
        (["yes", ""], "must not be empty"),
        (["yes", " "], "must not be empty"),
        (["yes", "a\nb"], "without control codes"),
        (["yes\x1b[2J"], "without control codes"),
        (["yes\u202e"], "without control codes"),
        (["y" * 201], "without control codes"),
        (["yes", "no", "yes"], "must differ"),
        ("yes", "be a tuple"),
        ([1], "be text"),
    ],
)
def test_names_of_classes_are_lines_of_text_that_differ(labels: Any, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read_labels(labels)


@pytest.mark.parametrize("labels", [["[unk]", "café", "yes please", "日本"], ["_silence_"]])
def test_ordinary_names_are_labels(labels: list[str]) -> None:
    assert read_labels(labels) == tuple(labels)
