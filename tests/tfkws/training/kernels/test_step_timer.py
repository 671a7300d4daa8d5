"""The child that times steps: one real one, and one that cannot build what it is asked for."""

from contextlib import closing

import pytest

from tfkws.config import ModelConfig, TrainConfig
from tfkws.cpu_kernels import ONEDNN
from tfkws.training.kernels.step_timer import StepTimer, TrainingStep
from tfkws.training.learner import KERAS_STEP

TRAIN = TrainConfig(batch_size=4)


def test_a_child_times_as_many_steps_as_it_is_asked_for() -> None:
    step = TrainingStep(ModelConfig("seed_cnn", {"convs": "3x3,2"}), (8, 6, 1), 3, TRAIN)
    with closing(StepTimer(step, {ONEDNN: "1", KERAS_STEP: "1"})) as timer:
        assert all(0 < seconds < 60 for seconds in (timer.ready(), timer.seconds(3), timer.seconds(1)))
        assert not timer.compiled


def test_a_child_that_cannot_build_the_network_is_told() -> None:
    step = TrainingStep(ModelConfig("no such"), (8, 6, 1), 3, TRAIN)
    with closing(StepTimer(step, {})) as timer, pytest.raises(ChildProcessError):
        timer.ready()


def test_equal_work_has_one_identity() -> None:
    step = TrainingStep(ModelConfig("kws12"), (40, 32, 1), 4, TRAIN)
    longer = TrainingStep(ModelConfig("kws12"), (40, 32, 1), 4, TrainConfig(batch_size=4, iterations=9, seed=3))
    wider = TrainingStep(ModelConfig("kws12"), (40, 32, 1), 4, TrainConfig(batch_size=5))
    assert step.identity == longer.identity != wider.identity
