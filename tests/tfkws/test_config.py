"""Configurations survive JSON and refuse what they do not know."""

import json
from dataclasses import replace

import pytest

from tfkws.config import AugmentConfig, FeatureConfig, ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.errors import ConfigError

FEATURES = FeatureConfig("mfcc-40x32", "mfcc", 2048, 512, 2048, 40, 40, 32, True)
RUN = RunConfig(
    TaskConfig("commands", ("yes", "no")),
    replace(FEATURES, row_mean=(0.5, 1.0), row_std=(1.0, 2.0)),
    ModelConfig("seed_cnn", {"convs": "3x3,40"}),
    TrainConfig(augment=AugmentConfig(noise_snr_db=(5.0, 10.0))),
    ("yes", "no", "_unknown_", "_silence_"),
    "clips",
    False,
)


def test_round_trip_through_json() -> None:
    assert RunConfig.from_dict(json.loads(json.dumps(RUN.to_dict()))) == RUN


def test_round_trip_without_augmentation() -> None:
    run = replace(RUN, train=TrainConfig(augment=None))
    assert RunConfig.from_dict(json.loads(json.dumps(run.to_dict()))) == run


def test_an_unknown_key_is_named_with_its_neighbour() -> None:
    with pytest.raises(ConfigError, match=r"'learning_rat'.*Did you mean 'learning_rate'"):
        TrainConfig.from_dict({"learning_rat": 1.0})


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: TaskConfig("commands", ()), "at least one word"),
        (lambda: TaskConfig("commands", ("yes", "yes")), "words must differ"),
        (lambda: TrainConfig(iterations=None), "either iterations or epochs"),
        (lambda: TrainConfig(iterations=10, epochs=2), "either iterations or epochs"),
        (lambda: TrainConfig(batch_size=0), "batch_size must be at least 1. Received 0"),
        (lambda: TrainConfig(learning_rate=0.0), "learning_rate must be above 0"),
        (lambda: AugmentConfig(noise_probability=1.5), "noise_probability must lie in 0..1. Received 1.5"),
        (lambda: replace(FEATURES, high_hz=9000.0), "half the sample rate"),
        (lambda: replace(FEATURES, fft_length=1024), "fft_length must be at least window_samples"),
    ],
)
def test_values_out_of_range_are_refused(build: object, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        build()  # type: ignore[operator]


def test_input_shape_follows_the_order_of_axes() -> None:
    assert FEATURES.input_shape == (40, 32, 1)
    assert replace(FEATURES, time_first=True).input_shape == (32, 40, 1)
