"""The defaults of quickstart and of synthetic speech fit together; numbers out of range are refused."""

import dataclasses

import pytest

from tfkws.config.quickstart import (
    DEFAULT_WORDS,
    NEAR_WORDS,
    OTHER_WORDS,
    WAKE_WORD,
    Quickstart,
    SynthesisSettings,
)
from tfkws.data.protocols import PROTOCOLS
from tfkws.errors import ConfigError


def test_the_default_wake_word_is_spoken_in_the_synthetic_folder() -> None:
    assert Quickstart().data is None
    assert Quickstart().word in DEFAULT_WORDS


def test_a_candidate_is_trained_less_than_the_seed_and_the_winner_most() -> None:
    plan = Quickstart()
    assert plan.trial_iterations < plan.seed_iterations < plan.winner_iterations


def test_a_plan_is_not_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Quickstart().seed = 1  # type: ignore[misc]


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
