"""Train one network once: the loop, its checkpoints and what it leaves in the model folder."""

import csv
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfkws.config import RunConfig
from tfkws.config.strict import record
from tfkws.cpu_kernels import KernelsInUse, kernels_in_use
from tfkws.data.batches import BatchSource
from tfkws.data.kept_maps.maps import batch_store, split_maps
from tfkws.data.task_data import TaskData
from tfkws.errors import ConfigError, RunFolderError
from tfkws.models import build_model
from tfkws.models.saving import load_model, save_model
from tfkws.run_folder import atomic_path, read_json, write_json
from tfkws.training.checkpoint import (
    CHECKPOINT,
    EpochRow,
    Progress,
    damaged_checkpoint,
    load_checkpoint,
    save_checkpoint,
)
from tfkws.training.learner import Learner
from tfkws.training.model_folder import CONFIG, WEIGHTS, open_model_folder, write_config
from tfkws.training.schedules import learning_rate

HISTORY = "history.csv"
TRAINING = "training.json"
CHECKPOINT_SECONDS = 5.0  # a checkpoint of a large network takes seconds; a small one's epochs may be shorter than that


@dataclass(frozen=True)
class TrainResult:
    """What a training came to.

    Attributes:
        iterations: optimiser steps done.
        epochs: done, one validation each.
        best_epoch: whose weights are kept.
        validation_accuracy: share 0..1 of `validation_clips` clips that those weights get right.
        seconds: of all epochs.
        stopped_early: whether it ended before its last iteration.
        backend: of Keras.
        kernels: that trained on the CPU, and how they were chosen; None with another backend than TensorFlow, and in
            results of older versions.
        step: what computed the optimiser's steps, `Learner.step_kind`.
    """

    iterations: int
    epochs: int
    best_epoch: int
    validation_accuracy: float
    validation_clips: int
    seconds: float
    stopped_early: bool
    backend: str
    kernels: KernelsInUse | None = None
    step: str = "keras"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


@dataclass(frozen=True)
class Networks:
    """What one training works on.

    Attributes:
        learning: takes the steps, is judged, and ends in the layers `logits` and `probabilities`.
        saved: what is written as `model.keras`; the same network, or one that shares the layers of
            `learning`.
        teacher: network to distil from, where it is not the one that the run names.
    """

    learning: Any
    saved: Any
    teacher: Any | None = None


def train(
    run: RunConfig,
    data: TaskData,
    folder: Path,
    *,
    start: Callable[[], Networks] | None = None,
    on_iteration: Callable[[int, int, float], None] | None = None,
    on_epoch: Callable[[EpochRow], None] | None = None,
    should_stop: Callable[[list[EpochRow]], bool] | None = None,
) -> TrainResult:
    """Train `run` into `folder`, going on from a checkpoint or returning at once when it is already done.

    Args:
        start: makes the networks to begin with; None builds the run's own with fresh weights.
        on_iteration: called after each step with (steps done, steps in all, loss of the step's batch).
        on_epoch: called after each epoch.
        should_stop: given all epochs so far; True ends the training early and keeps its best weights.

    Raises:
        RunFolderError: `folder` holds a run of another configuration.
    """
    _claim(folder, run)
    if (folder / TRAINING).exists():
        return record(TrainResult, read_json(folder / TRAINING))
    keras.utils.set_random_seed(run.train.seed)
    networks = _fresh(run) if start is None else start()
    learner = Learner(networks.learning, run.train, networks.teacher or _load_teacher(run))
    training = data.splits["training"]
    source = BatchSource(
        training,
        run.features,
        run.train.batch_size,
        run.train.seed,
        run.train.augment,
        data.noises,
        data.responses,
        batch_store(data, run.features, run.train),
    )
    validation = split_maps(data, "validation", run.features)
    loop = _Loop(run, folder, learner, source, validation, data.splits["validation"].labels)
    stopped = loop.run(on_iteration, on_epoch, should_stop)
    return loop.finish(stopped, networks.saved)


def _fresh(run: RunConfig) -> Networks:
    network = build_model(
        run.model.name, input_shape=run.features.input_shape, num_classes=len(run.labels), **run.model.variant
    )
    return Networks(network, network)


class _Loop:
    """The iterations of one training, from validation to validation, which by default is an epoch."""

    def __init__(
        self, run: RunConfig, folder: Path, learner: Learner, source: BatchSource, features: np.ndarray, labels: Any
    ) -> None:
        self.run_config, self.folder, self.learner, self.source = run, folder, learner, source
        self.features, self.labels = features, np.asarray(labels)
        self.total = run.train.iterations or (run.train.epochs or 0) * source.batches_per_epoch
        self.every = min(run.train.validate_every or source.batches_per_epoch, source.batches_per_epoch)
        self.kernels = kernels_in_use() if keras.backend.backend() == "tensorflow" else None
        self.progress = Progress(kernels=self.kernels)
        self.saved_at = time.monotonic()
        found = load_checkpoint(folder)
        if found is not None:
            self.progress, state = found
            try:
                learner.set_state(state)
            except (ValueError, TypeError) as error:
                raise damaged_checkpoint(folder, error) from error
        begun = self.progress.kernels
        if begun and self.kernels and begun.onednn == self.kernels.onednn:
            self.kernels = begun  # with the reason for it

    def run(self, on_iteration: Any, on_epoch: Any, should_stop: Any) -> bool:
        """Run to the end; return whether `should_stop` ended it."""
        stream = self.source.stream(self.progress.iteration, self.total - self.progress.iteration)
        while self.progress.iteration < self.total:
            row = self._epoch(stream, on_iteration)
            if on_epoch is not None:
                on_epoch(row)
            if should_stop is not None and should_stop(self.progress.history):
                return True
            self._checkpoint()
        return False

    def _epoch(self, stream: Any, on_iteration: Any) -> EpochRow:
        start, progress, config = time.monotonic(), self.progress, self.run_config.train
        epoch = progress.iteration // self.every
        end = min((epoch + 1) * self.every, self.total)
        self.learner.start_epoch()
        loss, rate = float("nan"), float("nan")
        while progress.iteration < end:
            rate = learning_rate(config, progress.iteration, self.total) * progress.plateau.factor
            loss = self.learner.step(progress.iteration, rate, *next(stream))
            progress.iteration += 1
            if on_iteration is not None:
                on_iteration(progress.iteration, self.total, loss)
        validation_loss, accuracy = self._validate(epoch)
        row = EpochRow(
            epoch, progress.iteration, rate, loss, validation_loss, accuracy, round(time.monotonic() - start, 3)
        )
        progress.history.append(row)
        if config.schedule == "plateau":
            progress.plateau = progress.plateau.after(validation_loss, config)
        return row

    def _validate(self, epoch: int) -> tuple[float, float]:
        """Judge the weights that would be kept now, and keep them if they are the best so far."""
        probabilities, judged = self.learner.judged(self.features)
        accuracy = float(np.mean(probabilities.argmax(axis=1) == self.labels))
        picked = probabilities[np.arange(len(self.labels)), self.labels]
        if accuracy >= self.progress.best_accuracy:
            self.progress.best_epoch, self.progress.best_accuracy, self.progress.best_weights = epoch, accuracy, judged
        return float(-np.mean(np.log(np.maximum(picked, 1e-7)))), accuracy

    def _checkpoint(self) -> None:
        if time.monotonic() - self.saved_at >= CHECKPOINT_SECONDS or self.progress.iteration >= self.total:
            save_checkpoint(self.folder, self.progress, self.learner.state())
            _write_history(self.folder / HISTORY, self.progress.history)
            self.saved_at = time.monotonic()

    def finish(self, stopped: bool, network: Any) -> TrainResult:
        """Write the network with the best weights, history and result, then drop the checkpoint."""
        progress = self.progress
        self.learner.model.set_weights(progress.best_weights)
        save_model(network, self.folder / WEIGHTS)
        _write_history(self.folder / HISTORY, progress.history)
        result = TrainResult(
            iterations=progress.iteration,
            epochs=len(progress.history),
            best_epoch=progress.best_epoch,
            validation_accuracy=progress.best_accuracy,
            validation_clips=len(self.labels),
            seconds=round(sum(row.seconds for row in progress.history), 1),
            stopped_early=stopped,
            backend=keras.backend.backend(),
            kernels=self.kernels,
            step=self.learner.step_kind,
        )
        write_json(self.folder / TRAINING, result.to_dict())
        (self.folder / CHECKPOINT).unlink(missing_ok=True)
        return result


def _load_teacher(run: RunConfig) -> Any | None:
    """The network to distil from, or None.

    Raises:
        ConfigError: it was trained for other classes or on another front end.
    """
    if not run.train.teacher:
        return None
    teacher = open_model_folder(Path(run.train.teacher))
    if (teacher.config.labels, teacher.config.features) != (run.labels, run.features):
        raise ConfigError(
            f"The teacher {teacher.path} must have been trained for the same classes on the same front end, with the "
            f"same normalisation. It knows {', '.join(teacher.config.labels)} by {teacher.config.features.name}."
        )
    return load_model(teacher.weights)


def _claim(folder: Path, run: RunConfig) -> None:
    """Write config.json, or make sure that the one there is the same run."""
    if not (folder / CONFIG).exists():
        write_config(folder, run)
        return
    there = open_model_folder(folder).config
    if replace(there, data_dir="") != replace(run, data_dir=""):
        raise RunFolderError(f"{folder} holds a run of other settings; choose another folder.")


def _write_history(path: Path, history: list[EpochRow]) -> None:
    with atomic_path(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(EpochRow)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in history)
