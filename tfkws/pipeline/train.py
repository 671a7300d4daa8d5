"""Settle what determines a training, and train it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfkws.config import FeatureConfig, ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.training.model_folder import ModelFolder, open_model_folder

NORMALISATION_CLIPS = 2_000


def prepare_run(
    data_dir: Path, task: TaskConfig, features: FeatureConfig, model: ModelConfig, train: TrainConfig
) -> tuple[RunConfig, Any]:
    """Load the clips and settle everything that determines a training.

    Returns:
        The configuration, and the loaded `TaskData` (training, validation and testing splits).
    """
    from tfkws.data.task_data import load_task

    data = load_task(data_dir, task)
    return run_on(data, data_dir, task, features, model, train), data


def run_on(
    data: Any, data_dir: Path, task: TaskConfig, features: FeatureConfig, model: ModelConfig, train: TrainConfig
) -> RunConfig:
    """The configuration of one training on data that is loaded already."""
    if not features.row_mean:
        features = normalised(features, data)
    return RunConfig(task, features, model, train, data.labels, str(data_dir), data.synthetic)


def normalised(features: FeatureConfig, data: Any) -> FeatureConfig:
    """Measure the mean and deviation of each feature row on evenly spread training clips."""
    from tfkws.features.normalisation import fit_normalisation

    audio = data.splits["training"].audio
    step = max(1, len(audio) // NORMALISATION_CLIPS)
    return fit_normalisation(audio[::step], features)


def run_name(run: RunConfig) -> str:
    """Name of a run's folder: what it is, and a digest of every setting."""
    settings = replace(run, data_dir="").to_dict()
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]
    return f"{run.model.name}-{run.task.protocol}-{run.train.recipe}-seed{run.train.seed}-{digest}"


def train_model(
    run: RunConfig,
    data: Any,
    folder: Path,
    on_iteration: Callable[[int, int, float], None] | None = None,
    on_epoch: Callable[[Any], None] | None = None,
    start: Callable[[], Any] | None = None,
) -> ModelFolder:
    """Train into `folder` (or go on, or find it done), and write manifest and cost beside the model.

    Args:
        start: makes the networks to begin with, see `tfkws.training.fit.train`.
    """
    from tfkws.cost import count
    from tfkws.run_folder import write_json
    from tfkws.training.fit import train

    train(run, data, folder, start=start, on_iteration=on_iteration, on_epoch=on_epoch)
    trained = open_model_folder(folder)
    write_json(folder / "manifest.json", data.manifest.to_dict())
    write_json(folder / "cost.json", count(trained.load_keras()).to_dict())
    return trained


def evaluate_trained(trained: ModelFolder, data: Any) -> dict[str, Any]:
    """Score a trained Keras model on validation and testing, and write both evaluations beside it."""
    from tfkws.pipeline.evaluate import evaluate, save
    from tfkws.pipeline.parts.detector import open_detector

    detector = open_detector(trained.path)
    results = {}
    for split in ("validation", "testing"):
        evaluation, probabilities = evaluate(detector, data, trained.config.task, split)
        save(detector, evaluation, data.splits[split], probabilities)
        results[split] = evaluation.to_dict()
    return results


def summarise_seeds(results: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Mean and 95 % interval of the mean (Student's t over runs) of the testing scores; empty for a single run."""
    if len(results) < 2:
        return {}
    import numpy as np
    from scipy import stats

    summary = {}
    for name in ("accuracy", "f1"):
        values = np.array([result["testing"][name] for result in results])
        half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
        mean = float(values.mean())
        summary[name] = {"mean": mean, "interval": (mean - half, mean + half), "runs": len(values)}
    return summary
