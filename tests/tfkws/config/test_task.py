"""A task's own rules."""

import pytest

from tfkws.config import TaskConfig
from tfkws.errors import ConfigError


def test_words_are_there_and_differ() -> None:
    with pytest.raises(ConfigError, match="at least one word"):
        TaskConfig("commands", ())
    with pytest.raises(ConfigError, match="words must differ. Received yes, yes"):
        TaskConfig("commands", ("yes", "yes"))


def test_shares_of_unknown_and_silence_are_percents() -> None:
    with pytest.raises(ConfigError, match=r"silence_percent must lie in 0\.\.1000, or be None"):
        TaskConfig("commands", ("yes",), silence_percent=1001)
