"""Spaces, values and objectives on their way to keras-tuner and back."""

import pytest

from tfkws.tuner.problem.built_in_spaces import SPACES


def test_keras_tuner_and_back() -> None:
    from tfkws.tuner.problem.keras_tuner_space import from_hyperparameters, to_hyperparameters

    for space in SPACES.values():
        assert from_hyperparameters(to_hyperparameters(space)).params == space.params


def test_every_kind_of_keras_tuner_parameter() -> None:
    import keras_tuner

    from tfkws.tuner.problem.keras_tuner_space import CONTINUOUS_STEPS, from_hyperparameters

    hp = keras_tuner.HyperParameters()
    hp.Int("int", 2, 10, step=3)
    hp.Int("octaves", 4, 40, step=2, sampling="log")
    hp.Float("rate", 1e-4, 1e-1, sampling="log")
    hp.Float("stepped", 0.0, 0.5, step=0.25)
    hp.Boolean("flag")
    hp.Fixed("fixed", "x")
    choices = {param.name: param.choices for param in from_hyperparameters(hp).params}
    assert choices["int"] == (2, 5, 8) and choices["octaves"] == (4, 8, 16, 32)
    assert choices["stepped"] == (0.0, 0.25, 0.5)
    assert choices["flag"] == (False, True) and choices["fixed"] == ("x",)
    assert len(choices["rate"]) == CONTINUOUS_STEPS
    assert choices["rate"][0] == pytest.approx(1e-4) and choices["rate"][-1] == pytest.approx(1e-1)
    assert choices["rate"][16] == pytest.approx((1e-4 * 1e-1) ** 0.5)
