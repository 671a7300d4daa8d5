"""Settings of synthetic speech: known words, counts of at least one, the same after a way through JSON."""

import pytest

from tfkws.config.synthesis import DEFAULT_WORDS, NEAR_WORDS, OTHER_WORDS, WAKE_WORD, SynthesisSettings
from tfkws.data.protocols import PROTOCOLS
from tfkws.errors import ConfigError


def test_the_default_words_are_of_the_public_list_and_none_stands_twice() -> None:
    assert set(DEFAULT_WORDS) <= set(PROTOCOLS["words-35-list"].words)
    assert len(set(DEFAULT_WORDS)) == len(DEFAULT_WORDS) == 1 + len(NEAR_WORDS) + len(OTHER_WORDS)
    assert DEFAULT_WORDS[0] == WAKE_WORD


@pytest.mark.parametrize("changes", [{"voices": 0}, {"takes": 0}, {"seed": -1}, {"voices": 2.5}])
def test_numbers_out_of_range_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(changes))):
        SynthesisSettings.from_dict(SynthesisSettings().to_dict() | changes)


def test_settings_survive_json() -> None:
    settings = SynthesisSettings(("yes", "no"), voices=3, takes=1, seed=5)
    assert SynthesisSettings.from_dict(settings.to_dict()) == settings
