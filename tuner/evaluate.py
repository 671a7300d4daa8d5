"""Evaluation of one candidate: its interface, and the default that builds, counts, trains and measures."""

import csv
import math
import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tfkws import lean_imports
from tfkws.config import ModelConfig, RunConfig
from tfkws.errors import SearchError
from tfkws.run_folder import read_json, write_json
from tfkws.tuner.early_stopping import StoppingRule
from tfkws.tuner.problem.space import SearchSpace
from tfkws.tuner.records.trials import Curve, Measurement, Values

if TYPE_CHECKING:
    from tfkws.data.task_data import TaskData
    from tfkws.training.checkpoint import EpochRow

MeasureDevice = Callable[[Any, Path], Mapping[str, float]]  # (Keras model, folder for raw results) -> numbers by name
DEVICE = "device.json"
ABOVE = "above the limit of"
CURVE_POINTS = 6  # early stopping needs a learning curve of trainings of one or two epochs too


@dataclass(frozen=True)
class Trial:
    """What an evaluation needs to know beside the values.

    Attributes:
        number, stage: as in the record.
        iterations: optimiser steps (int) to take.
        folder: of this trial alone; after a kill it holds the checkpoint to go on from.
        stopping: decides whether to end the training early; None to train to the end.
        limits: largest values, by name, of what is measured on a target and not known before.
        start_from: folder of the trial whose weights to begin with, or None.
    """

    number: int
    stage: int
    iterations: int
    folder: Path
    stopping: StoppingRule | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    start_from: Path | None = None


class Evaluate(Protocol):
    """Evaluates a candidate; called in a process of its own, so it must be picklable."""

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Return the measurement; any exception makes the candidate infeasible."""
        ...


@dataclass(frozen=True)
class TrainingEvaluator:
    """Train a candidate with `tfkws.training` and measure it on the whole validation split.

    Attributes:
        run: the settings of a training; its model and its length are replaced by those of the candidate.
        space: maps values to the network.
        device: measures a Keras model on a target, in µs or instructions; None where nothing is measured.
        looks: validations of a training, at least; an epoch ends in one besides.

    Raises:
        TfkwsError: when it is called, where a candidate cannot be built, trained or measured.
    """

    run: RunConfig
    space: SearchSpace
    device: MeasureDevice | None = None
    looks: int = CURVE_POINTS
    _read: "list[TaskData]" = field(default_factory=list, init=False, repr=False, compare=False)

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Train into `trial.folder`; a training that was interrupted goes on from its checkpoint.

        Raises:
            SearchError: the target measured more than the limits allow; nothing is trained then.
        """
        if multiprocessing.parent_process() is not None:
            lean_imports.install()  # a process for trials alone
        from tfkws.cost import count
        from tfkws.training.fit import HISTORY, train
        from tfkws.training.model_folder import open_model_folder
        from tfkws.training.weight_transfer import warm_networks

        began = time.monotonic()
        run = candidate_run(self.run, self.space, values, trial.iterations, self.looks)
        device = self._measure_device(run, trial.folder)
        check_limits(device, trial.limits)
        data = self._data()
        clips, stopping = len(data.splits["validation"].labels), trial.stopping
        hopeless = None if stopping is None else lambda rows: stopping.verdict(curve_of(rows), clips).stop
        parent = trial.start_from
        start = None if parent is None else lambda: warm_networks(run, parent)
        result = train(run, data, trial.folder, start=start, should_stop=hopeless)
        model = open_model_folder(trial.folder).load_keras()
        cost, curve = count(model), read_curve(trial.folder / HISTORY)
        expected = stopping.verdict(curve, clips).expected_error if stopping is not None else None
        return Measurement(
            top1_error=1 - result.validation_accuracy,
            clips=result.validation_clips,
            macs=cost.macs,
            param_count=cost.params,
            seconds=round(time.monotonic() - began, 3),
            iterations=result.iterations,
            curve=curve,
            stopped_early=result.stopped_early,
            predicted_error=expected if result.stopped_early else None,
            device=device,
        )

    def _data(self) -> "TaskData":
        """Read the clips once for all trials that this process evaluates."""
        from tfkws.data.task_data import load_task

        if not self._read:
            self._read.append(load_task(Path(self.run.data_dir), self.run.task, splits=("training", "validation")))
        return self._read[0]

    def _measure_device(self, run: RunConfig, folder: Path) -> Mapping[str, float]:
        """Measure the network once a trial, before it is trained: its weights do not change what it takes."""
        from tfkws.models import build_model

        if self.device is None:
            return {}
        if not (folder / DEVICE).exists():
            task = (run.features.input_shape, len(run.labels))
            write_json(
                folder / DEVICE, dict(self.device(build_model(run.model.name, *task, **run.model.variant), folder))
            )
        return dict(read_json(folder / DEVICE))


def check_limits(measured: Mapping[str, float], limits: Mapping[str, float]) -> None:
    """Check that what was measured holds the limits on it.

    Raises:
        SearchError: something is above its limit, or was not measured.
    """
    for name, limit in limits.items():
        if name not in measured:
            raise SearchError(f"A limit on {name} needs a target that measures it. Received {', '.join(measured)}.")
        if measured[name] > limit:
            raise SearchError(f"{name} is {measured[name]:.6g}, {ABOVE} {limit:.6g}")


def curve_of(rows: "Sequence[EpochRow]") -> Curve:
    """Return (optimiser steps, validation error 0..1) of each epoch."""
    return tuple((row.iteration, 1 - row.validation_accuracy) for row in rows)


def read_curve(history: Path) -> Curve:
    """Read (optimiser steps, validation error 0..1) of each epoch from `history.csv`."""
    with history.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple((int(row["iteration"]), 1 - float(row["validation_accuracy"])) for row in rows)


def candidate_run(
    run: RunConfig, space: SearchSpace, values: Values, iterations: int, looks: int = CURVE_POINTS
) -> RunConfig:
    """Return the run of one candidate: with its network, its training settings and its length.

    Args:
        iterations: optimiser steps, an int.
        looks: validations, the last of them at the end.
    """
    from tfkws.training.recipes import with_iterations

    settings: dict[str, Any] = space.training_settings(values)
    train = replace(with_iterations(run.train, iterations), validate_every=math.ceil(iterations / looks), **settings)
    return replace(run, model=ModelConfig(space.model, space.model_variant(values)), train=train)
