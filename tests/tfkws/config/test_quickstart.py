"""The defaults of quickstart fit together."""

import dataclasses

import pytest

from tfkws.config.quickstart import Quickstart
from tfkws.config.synthesis import DEFAULT_WORDS


def test_the_default_wake_word_is_spoken_in_the_synthetic_folder() -> None:
    assert Quickstart().data is None
    assert Quickstart().word in DEFAULT_WORDS


def test_a_candidate_is_trained_less_than_the_seed_and_the_winner_most() -> None:
    plan = Quickstart()
    assert plan.trial_iterations < plan.seed_iterations < plan.winner_iterations


def test_a_plan_is_not_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Quickstart().seed = 1  # type: ignore[misc]
