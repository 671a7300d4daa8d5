"""Settings of speech are checked when they are made."""

import pytest

from tfkws.config.speech import PhraseAudition, RecordingSettings
from tfkws.errors import ConfigError


@pytest.mark.parametrize("speaker", ["../me", "", "a b", "me_too", "."])
def test_a_speaker_is_a_plain_name(speaker: str) -> None:
    with pytest.raises(ConfigError, match="speaker must be letters, digits and hyphens"):
        RecordingSettings(speaker=speaker)
    assert RecordingSettings(speaker="Zoë-2").speaker == "Zoë-2"


def test_counts_are_positive() -> None:
    with pytest.raises(ConfigError):
        RecordingSettings(takes=0)
    with pytest.raises(ConfigError):
        PhraseAudition(voices=0)
