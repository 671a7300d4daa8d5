"""Training on tones: it learns, it resumes bit-identically, and it refuses another run's folder."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tfkws.config import AugmentConfig, ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.cpu_kernels import KernelsInUse, kernels_in_use
from tfkws.data.clip_set import ClipSet
from tfkws.data.manifest import Manifest
from tfkws.data.task_data import TaskData
from tfkws.errors import ConfigError, RunFolderError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.run_folder import read_json
from tfkws.training import fit
from tfkws.training.checkpoint import CHECKPOINT, kernels_of_checkpoint
from tfkws.training.fit import TrainResult

TASK = TaskConfig("commands", ("low", "high"))
LABELS = ("low", "high")
TRAIN = TrainConfig(iterations=40, batch_size=10, learning_rate=1e-2, augment=AugmentConfig(noise_probability=0.0))
RUN = RunConfig(
    TASK, FRONT_ENDS["mfcc-40x32"], ModelConfig("seed_cnn", {"convs": "3x3,8 3x3,8"}), TRAIN, LABELS, "tones", True
)


Finished = tuple[Path, TrainResult, list[int]]


def tones(count: int, seed: int) -> ClipSet:
    """Clips of 300 Hz (label 0) and 2 kHz (label 1) tones in noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    time = np.arange(16_000) / 16_000
    clean = np.sin(2 * np.pi * np.where(labels, 2_000, 300)[:, None] * time + rng.uniform(0, 6, (count, 1)))
    audio = (6_000 * clean + rng.normal(0, 500, clean.shape)).astype(np.int16)
    files = tuple(f"{LABELS[label]}/{i:08x}_nohash_0.wav" for i, label in enumerate(labels))
    return ClipSet(audio, labels.astype(np.int64), files, tuple(f"{i:08x}" for i in range(count)))


def make_data() -> TaskData:
    """80 training clips and 20 for validation: 8 iterations an epoch."""
    manifest = Manifest(TASK, LABELS, {}, (), (), True)
    return TaskData(LABELS, {"training": tones(80, 1), "validation": tones(20, 2)}, (), (), manifest, True)


@pytest.fixture(scope="module")
def data() -> TaskData:
    return make_data()


@pytest.fixture(scope="module")
def finished(data: TaskData, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A finished training: its folder, its result and the steps that it told; leave the folder as it is."""
    folder, steps = tmp_path_factory.mktemp("finished"), list[int]()
    result = fit.train(RUN, data, folder, on_iteration=lambda done, total, loss: steps.append(done))
    return folder, result, steps


def trained_weights(folder: Path) -> list[np.ndarray]:
    from tfkws.models.saving import load_model

    return load_model(folder / "model.keras").get_weights()


def test_it_learns_tones_and_writes_what_it_says(finished: Finished) -> None:
    folder, result, steps = finished
    assert result.validation_accuracy == 1.0
    assert steps == list(range(1, 41))
    assert (result.iterations, result.epochs, result.validation_clips) == (40, 5, 20)
    assert read_json(folder / "training.json") == result.to_dict()
    history = (folder / "history.csv").read_text().splitlines()
    assert history[0].startswith("epoch,iteration,learning_rate,loss")
    assert [line.split(",")[1] for line in history[1:]] == ["8", "16", "24", "32", "40"]
    assert not (folder / CHECKPOINT).exists()


def test_a_killed_run_goes_on_bit_identically(data: TaskData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "CHECKPOINT_SECONDS", 0.0)
    run = replace(RUN, train=replace(TRAIN, average_decay=0.9, mixup_alpha=0.2, optimizer="adamw", weight_decay=1e-3))
    fit.train(run, data, tmp_path / "whole")

    def kill(done: int, total: int, loss: float) -> None:
        if done == 13:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit.train(run, data, tmp_path / "killed", on_iteration=kill)
    assert not (tmp_path / "killed" / "model.keras").exists()
    again: list[int] = []
    fit.train(run, data, tmp_path / "killed", on_iteration=lambda done, total, loss: again.append(done))
    assert again[0] == 9  # the epoch that was running is repeated, the one before is not
    for one, other in zip(trained_weights(tmp_path / "whole"), trained_weights(tmp_path / "killed"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_result_records_the_kernels_and_a_run_that_went_on_those_of_its_beginning(
    data: TaskData, finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = KernelsInUse(kernels_in_use().onednn, "measurement", 12.3, 10.4)
    assert finished[1].kernels == kernels_in_use()
    monkeypatch.setattr(fit, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(fit, "kernels_in_use", lambda: measured)

    def kill(done: int, total: int, loss: float) -> None:
        if done == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit.train(RUN, data, tmp_path, on_iteration=kill)
    assert kernels_of_checkpoint(tmp_path) == measured
    monkeypatch.undo()
    assert fit.train(RUN, data, tmp_path).kernels == measured
    assert read_json(tmp_path / "training.json")["kernels"]["plain_ms"] == 10.4


def test_it_validates_more_often_than_once_an_epoch_where_asked(
    data: TaskData, finished: Finished, tmp_path: Path
) -> None:
    _, usual, _ = finished
    often = fit.train(replace(RUN, train=replace(TRAIN, validate_every=3)), data, tmp_path / "often")
    rarely = fit.train(replace(RUN, train=replace(TRAIN, validate_every=1_000)), data, tmp_path / "rarely")
    rows = [line.split(",") for line in (tmp_path / "often" / "history.csv").read_text().splitlines()[1:]]
    assert [row[:2] for row in rows] == [[str(i), str(min(3 * i + 3, 40))] for i in range(14)]
    assert (often.epochs, often.iterations, rarely.epochs) == (14, 40, usual.epochs)


def test_looking_more_often_changes_no_weight(data: TaskData, tmp_path: Path) -> None:
    rows = []
    for name, every in (("usual", None), ("often", 3)):
        fit.train(replace(RUN, train=replace(TRAIN, iterations=16, validate_every=every)), data, tmp_path / name)
        rows.append((tmp_path / name / "history.csv").read_text().splitlines()[-1].split(","))
    usual, often = rows
    assert usual[1] == often[1] == "16"
    assert usual[4:6] == often[4:6]  # validation loss and accuracy of the last weights


def test_a_finished_run_is_not_repeated(data: TaskData, finished: Finished) -> None:
    folder, first, _ = finished
    steps: list[int] = []
    assert fit.train(RUN, data, folder, on_iteration=lambda *a: steps.append(1)) == first
    assert steps == []


def test_another_run_does_not_overwrite_the_folder(data: TaskData, finished: Finished) -> None:
    folder, _, _ = finished
    with pytest.raises(RunFolderError, match="run of other settings"):
        fit.train(replace(RUN, train=replace(TRAIN, seed=1)), data, folder)


def test_stopping_early_keeps_the_best_weights(data: TaskData, tmp_path: Path) -> None:
    result = fit.train(RUN, data, tmp_path, should_stop=lambda history: len(history) == 1)
    assert (result.stopped_early, result.iterations) == (True, 8)
    assert (tmp_path / "model.keras").exists()


def test_seeds_give_different_networks_and_one_seed_the_same(data: TaskData, tmp_path: Path) -> None:
    short = replace(TRAIN, iterations=4)
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        fit.train(replace(RUN, train=replace(short, seed=seed)), data, tmp_path / name)
    a, b, c = (trained_weights(tmp_path / name) for name in "abc")
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
    assert not all(np.array_equal(x, y) for x, y in zip(a, c, strict=True))


def test_a_student_learns_from_a_teacher(data: TaskData, finished: Finished, tmp_path: Path) -> None:
    teacher, _, _ = finished
    distil = replace(TRAIN, teacher=str(teacher), distillation_weight=1.0, seed=3)
    result = fit.train(replace(RUN, train=distil), data, tmp_path / "student")
    assert result.validation_accuracy == 1.0


def test_a_teacher_of_other_classes_is_refused(data: TaskData, finished: Finished, tmp_path: Path) -> None:
    teacher, _, _ = finished
    run = replace(RUN, labels=("high", "low"), train=replace(TRAIN, teacher=str(teacher)))
    with pytest.raises(ConfigError, match="must have been trained for the same classes.*It knows low, high"):
        fit.train(run, data, tmp_path / "student")


def test_history_is_there_while_it_trains(data: TaskData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "CHECKPOINT_SECONDS", 0.0)
    lines: list[int] = []

    def look(done: int, total: int, loss: float) -> None:
        if done == 20:
            lines.extend([len((tmp_path / "history.csv").read_text().splitlines())])

    fit.train(RUN, data, tmp_path, on_iteration=look)
    assert lines == [1 + 2]


TRAIN_IN_A_CHILD = """
from tfkws import lean_imports
lean_imports.install()
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_fit
from dataclasses import replace
from tfkws.config import TrainConfig
from tfkws.training import fit
fit.CHECKPOINT_SECONDS = 0.0
die_at = int(sys.argv[3])
def kill(done, total, loss):
    if done == die_at:
        os.kill(os.getpid(), signal.SIGKILL)
fit.train(test_fit.RUN, test_fit.make_data(), Path(sys.argv[2]), on_iteration=kill)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "die_at"), [("tensorflow", 3), ("tensorflow", 29), ("jax", 16)])
def test_kill_minus_nine_at_any_step_changes_no_weight(tmp_path: Path, backend: str, die_at: int) -> None:
    def train_in_a_child(folder: str, die_at: int) -> int:
        command = [sys.executable, "-c", TRAIN_IN_A_CHILD, str(Path(__file__).parent), str(tmp_path / folder)]
        environment = os.environ | {"KERAS_BACKEND": backend}
        return subprocess.run([*command, str(die_at)], check=False, env=environment).returncode

    assert train_in_a_child("whole", -1) == 0
    assert read_json(tmp_path / "whole" / "training.json")["backend"] == backend
    assert train_in_a_child("killed", die_at) == -signal.SIGKILL
    assert train_in_a_child("killed", -1) == 0
    for one, other in zip(trained_weights(tmp_path / "whole"), trained_weights(tmp_path / "killed"), strict=True):
        np.testing.assert_array_equal(one, other)
