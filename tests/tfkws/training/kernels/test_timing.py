"""Kernels are chosen by steps that two processes take in turns; here the processes are made up."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tfkws.config import ModelConfig, TrainConfig
from tfkws.cpu_kernels import ONEDNN
from tfkws.training.kernels import timing
from tfkws.training.kernels.step_timer import TrainingStep
from tfkws.training.kernels.timing import SECONDS, faster_kernels, measure_kernels, rounds_of, steps_per_round

STEP = TrainingStep(ModelConfig("kws12"), (40, 32, 1), 4, TrainConfig(batch_size=50))


class MadeUpTimer:
    """Steps of 20 ms by oneDNN's kernels and of 10 ms by plain ones, in every second round twice as long."""

    asked: list[tuple[bool, int]] = []
    dies = ""
    compiled = False

    def __init__(self, step: TrainingStep, variables: Mapping[str, str]) -> None:
        self.onednn, self.rounds, self.closed = variables[ONEDNN] == "1", 0, False
        assert variables["OMP_NUM_THREADS"] == "2" and step == STEP

    def ready(self) -> float:
        return 0.03

    def seconds(self, steps: int) -> float:
        if self.dies == ("onednn" if self.onednn else "plain"):
            raise ChildProcessError
        self.asked.append((self.onednn, steps))
        self.rounds += 1
        return (0.02 if self.onednn else 0.01) * (1 + self.rounds % 2)

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[MadeUpTimer]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(timing, "StepTimer", MadeUpTimer)
    monkeypatch.setattr(MadeUpTimer, "asked", [])
    return MadeUpTimer


def test_rounds_alternate_and_the_least_disturbed_one_counts(made_up: type[MadeUpTimer]) -> None:
    choice = measure_kernels(STEP, 2)
    assert choice is not None
    assert (choice.onednn_ms, choice.plain_ms, choice.onednn) == (20.0, 10.0, False)
    assert (choice.network, choice.batch_size, choice.threads) == ("kws12", 50, 2)
    assert [onednn for onednn, _ in made_up.asked] == [True, False] * rounds_of(0.03)


@pytest.mark.parametrize("step_seconds", [0.001, 0.01, 0.05])
def test_a_measurement_of_a_small_network_takes_half_a_second(step_seconds: float) -> None:
    taken = 2 * rounds_of(step_seconds) * steps_per_round(step_seconds) * step_seconds
    assert 0.8 * SECONDS <= taken <= SECONDS * 1.01


def test_what_was_measured_is_not_measured_again(made_up: type[MadeUpTimer]) -> None:
    assert faster_kernels(STEP, 2, measure=False) is None
    first = faster_kernels(STEP, 2)
    count = len(made_up.asked)
    assert first is not None and count > 0
    assert faster_kernels(STEP, 2) == first and faster_kernels(STEP, 2, measure=False) == first
    assert len(made_up.asked) == count


@pytest.mark.parametrize("which", ["onednn", "plain"])
def test_a_process_that_dies_leaves_the_choice_to_tensorflow(
    which: str, made_up: type[MadeUpTimer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_up, "dies", which)
    assert faster_kernels(STEP, 2) is None
    monkeypatch.setattr(made_up, "dies", "")
    assert faster_kernels(STEP, 2) is not None


def test_a_step_that_is_compiled_here_is_not_timed_and_nothing_is_set(
    made_up: type[MadeUpTimer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_up, "compiled", True)
    choice = faster_kernels(STEP, 2)
    assert choice is not None and choice.compiled and made_up.asked == []
    assert (choice.environment, choice.sentence) == ({}, "")
    monkeypatch.setattr(made_up, "compiled", False)
    assert faster_kernels(STEP, 2) == choice  # kept
    monkeypatch.setenv("TFKWS_KERAS_STEP", "1")
    timed = faster_kernels(STEP, 2)
    assert timed is not None and not timed.compiled
