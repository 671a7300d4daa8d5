"""Protocols: their labels, their words, and what they refuse."""

import pytest

from tfkws.config import TaskConfig
from tfkws.data.protocols import labels_of, make_task
from tfkws.errors import ConfigError


def test_35_words_are_35() -> None:
    assert len(set(labels_of(make_task("words-35-list")))) == 35


@pytest.mark.parametrize(
    ("protocol", "words", "labels"),
    [
        ("wake-word", ("sheila",), ("_other_", "sheila")),
        ("commands", ("no", "yes"), ("no", "yes", "_unknown_", "_silence_")),
    ],
)
def test_labels_stand_in_the_agreed_order(protocol: str, words: tuple[str, ...], labels: tuple[str, ...]) -> None:
    assert labels_of(TaskConfig(protocol, words)) == labels


def test_the_ten_words_are_those_of_the_speech_commands_paper() -> None:
    ten = {"yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"}
    for name in ("commands-10", "commands-12-archive", "commands-12-list"):
        assert set(make_task(name).words) == ten
        assert labels_of(make_task(name))[10:] == (("_unknown_", "_silence_") if "12" in name else ())


@pytest.mark.parametrize(
    ("protocol", "words", "sentence"),
    [
        ("wake-word", ("yes", "no"), "takes one word; received yes, no"),
        ("commands-10", ("yes",), "use the protocol commands"),
        ("commands-11", ("yes",), "There is no protocol 'commands-11'.*commands-10"),
    ],
)
def test_words_that_would_make_the_name_a_lie_are_refused(protocol: str, words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        make_task(protocol, words)
