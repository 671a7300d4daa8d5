"""Evaluation of one candidate: what a search asks for, and the default that builds, counts, trains and measures."""

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tfkws.config import ModelConfig, RunConfig
from tfkws.tuner.early_stopping import StoppingRule
from tfkws.tuner.space import SearchSpace
from tfkws.tuner.trials import Curve, Measurement, Values

if TYPE_CHECKING:
    from tfkws.training.checkpoint import EpochRow


@dataclass(frozen=True)
class Trial:
    """What an evaluation is told beside the values.

    Attributes:
        number, stage: as in the record.
        iterations: optimiser steps to take.
        folder: of this trial alone; one that was killed finds here what it left.
        stopping: when to give up, or None.
    """

    number: int
    stage: int
    iterations: int
    folder: Path
    stopping: StoppingRule | None = None


class Evaluate(Protocol):
    """Evaluates a candidate; called in a process of its own, so it must be picklable."""

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Return the measurement; any exception makes the candidate infeasible."""
        ...


@dataclass(frozen=True)
class TrainingEvaluator:
    """Train a candidate with `tfkws.training` and measure it on the whole validation split.

    Attributes:
        run: of which model and length are replaced by the candidate's; `data_dir` names the clips.
        space: maps values to the network.
        latency_us: measures a trained Keras model on the target, when latency is an objective.
    """

    run: RunConfig
    space: SearchSpace
    latency_us: Callable[[Any], float] | None = None

    def __call__(self, values: Values, trial: Trial) -> Measurement:
        """Train into `trial.folder`; a training that was interrupted goes on from its checkpoint."""
        from tfkws.cost import count
        from tfkws.data.task_data import load_task
        from tfkws.training.fit import HISTORY, train
        from tfkws.training.model_folder import open_model_folder

        start = time.monotonic()
        run = candidate_run(self.run, self.space, values, trial.iterations)
        data = load_task(Path(run.data_dir), run.task, splits=("training", "validation"))
        clips, stopping = len(data.splits["validation"].labels), trial.stopping
        hopeless = None if stopping is None else lambda rows: stopping.verdict(curve_of(rows), clips).stop
        result = train(run, data, trial.folder, should_stop=hopeless)
        model = open_model_folder(trial.folder).load_keras()
        cost, curve = count(model), read_curve(trial.folder / HISTORY)
        expected = stopping.verdict(curve, clips).expected_error if stopping is not None else None
        return Measurement(
            top1_error=1 - result.validation_accuracy,
            clips=result.validation_clips,
            macs=cost.macs,
            param_count=cost.params,
            seconds=round(time.monotonic() - start, 3),
            iterations=result.iterations,
            curve=curve,
            stopped_early=result.stopped_early,
            predicted_error=expected if result.stopped_early else None,
            latency_us=self.latency_us(model) if self.latency_us else None,
        )


def curve_of(rows: "Sequence[EpochRow]") -> Curve:
    """Validation error after each epoch."""
    return tuple((row.iteration, 1 - row.validation_accuracy) for row in rows)


def read_curve(history: Path) -> Curve:
    """Validation error after each epoch, from `history.csv`."""
    with history.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple((int(row["iteration"]), 1 - float(row["validation_accuracy"])) for row in rows)


def candidate_run(run: RunConfig, space: SearchSpace, values: Values, iterations: int) -> RunConfig:
    """The run of one candidate: its network, its training settings, its length."""
    from tfkws.training.recipes import with_iterations

    settings: dict[str, Any] = space.training_settings(values)
    train = replace(with_iterations(run.train, iterations), **settings)
    return replace(run, model=ModelConfig(space.model, space.model_variant(values)), train=train)
