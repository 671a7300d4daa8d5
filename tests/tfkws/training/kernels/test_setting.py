"""Variables are set where they are ours to set, and a stopped training keeps the kernels that it began with."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.cpu_kernels import CHOICE, ONEDNN, KernelChoice, KernelsInUse
from tfkws.features.front_ends import get_front_end
from tfkws.training.checkpoint import Progress, save_checkpoint
from tfkws.training.kernels import setting
from tfkws.training.kernels.setting import (
    begun_kernels_set,
    changed_kernels,
    faster_kernels_set,
    may_choose,
    trial_kernels_set,
)
from tfkws.training.kernels.step_timer import TrainingStep
from tfkws.training.model_folder import write_config

CHOSEN = KernelChoice("kws12", 12.3, 10.4, 50, 2, "a processor", "2.17.1", "2026-11-27T12:00:00+00:00")
MODEL, TRAIN = ModelConfig("kws12"), TrainConfig(batch_size=50)
STEP = TrainingStep(MODEL, (40, 32, 1), 4, TRAIN)
TASK = TaskConfig("commands", ("yes", "no"))


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Nothing is set, TensorFlow is not imported, and measurements are made up."""
    calls: list[dict[str, Any]] = []

    def made_up(step: TrainingStep, threads: int, *, measure: bool = True) -> KernelChoice | None:
        calls.append({"threads": threads, "measure": measure})
        return CHOSEN if measure else None

    for name in (ONEDNN, CHOICE, "KERAS_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.setattr(setting, "tensorflow_is_imported", lambda: False)
    monkeypatch.setattr(setting, "faster_kernels", made_up)
    monkeypatch.setattr(setting, "threads_here", lambda: 4)
    return calls


def test_the_choice_holds_inside_and_is_told() -> None:
    said: list[str] = []
    with faster_kernels_set(STEP, 10_000, said.append):
        assert os.environ[ONEDNN] == "0" and CHOICE in os.environ
    assert said == [CHOSEN.sentence] and ONEDNN not in os.environ and CHOICE not in os.environ


def test_a_short_training_is_not_worth_a_measurement(asked: list[dict[str, Any]]) -> None:
    with faster_kernels_set(STEP, 10):
        assert ONEDNN not in os.environ
    assert asked == [{"threads": 4, "measure": False}]


@pytest.mark.parametrize(("name", "value"), [(ONEDNN, "1"), (ONEDNN, "0"), ("KERAS_BACKEND", "jax")])
def test_what_the_user_sets_goes_before(
    name: str, value: str, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert not may_choose()
    with faster_kernels_set(STEP, 10_000), trial_kernels_set(STEP, 10_000, 2):
        assert os.environ[name] == value and asked == []
    assert os.environ[name] == value


def test_tensorflow_that_is_imported_cannot_be_told(
    asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting, "tensorflow_is_imported", lambda: True)
    with faster_kernels_set(STEP, 10_000), trial_kernels_set(STEP, 10_000, workers=0):
        assert asked == []
    with trial_kernels_set(STEP, 10_000, workers=2):  # trials have processes of their own
        assert os.environ[ONEDNN] == "0" and asked == [{"threads": 2, "measure": True}]


def test_a_search_keeps_its_choice(asked: list[dict[str, Any]], tmp_path: Path) -> None:
    for _ in range(2):
        with trial_kernels_set(STEP, 10_000, 2, tmp_path / "kernels.json"):
            assert os.environ[ONEDNN] == "0"
    assert len(asked) == 1 and (tmp_path / "kernels.json").is_file()


def unfinished(folder: Path, onednn: bool | None) -> None:
    write_config(folder, RunConfig(TASK, get_front_end("mfcc-40x32"), MODEL, TRAIN, ("yes", "no"), "clips", False))
    kernels = None if onednn is None else KernelsInUse(onednn, "measurement", 12.3, 10.4)
    save_checkpoint(folder, Progress(kernels=kernels), [np.zeros(2)])


@pytest.mark.parametrize("onednn", [True, False])
def test_a_stopped_training_goes_on_with_its_kernels(onednn: bool, tmp_path: Path) -> None:
    unfinished(tmp_path / "run", onednn)
    with begun_kernels_set(tmp_path, TASK, MODEL, [TRAIN]), faster_kernels_set(STEP, 10_000):
        assert os.environ[ONEDNN] == str(int(onednn))
    with begun_kernels_set(tmp_path, TASK, ModelConfig("kws1"), [TRAIN]):
        assert ONEDNN not in os.environ


def test_a_checkpoint_of_an_older_version_says_nothing(tmp_path: Path) -> None:
    unfinished(tmp_path / "run", None)
    with begun_kernels_set(tmp_path, TASK, MODEL, [TRAIN]):
        assert ONEDNN not in os.environ
    assert changed_kernels(tmp_path / "run") == "" == changed_kernels(tmp_path / "none")


def test_other_kernels_than_at_the_beginning_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished(tmp_path / "run", True)
    monkeypatch.setattr(setting, "kernels_in_use", lambda: KernelsInUse(True, "TensorFlow"))
    assert changed_kernels(tmp_path / "run") == ""
    monkeypatch.setattr(setting, "kernels_in_use", lambda: KernelsInUse(False, "TensorFlow"))
    assert "was begun with oneDNN's kernels" in changed_kernels(tmp_path / "run")
    assert "TF_ENABLE_ONEDNN_OPTS=1 keeps it the same" in changed_kernels(tmp_path / "run")
