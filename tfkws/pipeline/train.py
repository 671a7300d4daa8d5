"""The stage of `tfkws train`: prepare a training, train, score, and keep everything in a model folder."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tfkws.config import FeatureConfig, ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.cost import count
from tfkws.data.protocols import check_task, labels_of
from tfkws.data.task_data import TaskData, load_task
from tfkws.features.numpy_front_end import fit_normalisation
from tfkws.intervals import mean_share_interval
from tfkws.output_folder import check_output_folder
from tfkws.pipeline.evaluate import evaluate, save
from tfkws.pipeline.parts.detector import open_detector
from tfkws.pipeline.parts.progress import SILENT, StageProgress
from tfkws.run_folder import write_json
from tfkws.training.checkpoint import EpochRow
from tfkws.training.kernels.setting import changed_kernels
from tfkws.training.model_folder import ModelFolder, open_model_folder

if TYPE_CHECKING:  # holds Keras back
    from tfkws.training.fit import Networks

NORMALISATION_CLIPS = 2_000
SCORED: tuple[Literal["validation", "testing"], ...] = ("validation", "testing")

TENSORBOARD_SCALARS = ("loss", "validation_loss", "validation_accuracy", "learning_rate")

OnEpoch = Callable[[EpochRow], None]


def train_seeds(
    run: RunConfig,
    trainings: Sequence[TrainConfig],
    data: TaskData,
    out: Path,
    progress: StageProgress = SILENT,
    tensorboard: Path | None = None,
) -> list[dict[str, Any]]:
    """Train and score one network by each training, each into a folder of its own under `out`.

    Args:
        run: what all have in common.
        trainings: usually the same recipe with several seeds.
        tensorboard: folder for events, one folder a run in it; None for none.

    Returns:
        For each run: "folder", "seed", "synthetic_speech", and the evaluations "validation" and "testing".

    Raises:
        RunFolderError: a folder holds a run of another configuration.
    """
    return [train_and_score(replace(run, train=one), data, out, progress, tensorboard) for one in trainings]


def train_and_score(
    run: RunConfig, data: TaskData, out: Path, progress: StageProgress = SILENT, tensorboard: Path | None = None
) -> dict[str, Any]:
    """Train one network into the folder of its name under `out`, and score it; see `train_seeds`.

    Raises:
        RunFolderError: that folder holds a run of another configuration.
    """
    folder = out / run_name(run)
    progress.say(f"{len(data.splits['training'].labels)} training clips{_skipped(data)}; writing {folder}")
    with _tensorboard(tensorboard, folder.name) as log:
        trained = train_model(run, data, folder, progress, on_epoch=log)
    facts = {"folder": str(folder), "seed": run.train.seed, "synthetic_speech": data.synthetic}
    return facts | evaluate_trained(trained, data)


def check_training(
    task: TaskConfig, features: FeatureConfig, model: ModelConfig, train: TrainConfig, out: Path
) -> None:
    """Check what can be checked of a training before the clips are read, by building its network.

    Raises:
        ConfigError: the protocol does not allow the words.
        ModelError: no such model, or it cannot be built with these parameters for this front end.
        RunFolderError: `out` cannot be written, or the teacher's folder is none.
    """
    check_output_folder(out, "--models")
    check_task(task)
    if train.teacher:
        open_model_folder(Path(train.teacher))
    import keras

    from tfkws.models import build_model

    build_model(model.name, features.input_shape, len(labels_of(task)), **model.variant)
    keras.utils.clear_session()


def prepare_run(
    data_dir: Path, task: TaskConfig, features: FeatureConfig, model: ModelConfig, train: TrainConfig
) -> tuple[RunConfig, TaskData]:
    """Load the clips and fix everything that determines a training.

    Returns:
        The configuration, and the clips of all three splits.

    Raises:
        DataError: the folder holds no clips of the task.
    """
    data = load_task(data_dir, task)
    return run_on(data, data_dir, task, features, model, train), data


def run_on(
    data: TaskData, data_dir: Path, task: TaskConfig, features: FeatureConfig, model: ModelConfig, train: TrainConfig
) -> RunConfig:
    """Return the configuration of one training on clips that are loaded already."""
    if not features.row_mean:
        features = normalised(features, data)
    return RunConfig(task, features, model, train, data.labels, str(data_dir), data.synthetic)


def normalised(features: FeatureConfig, data: TaskData) -> FeatureConfig:
    """Measure the mean and deviation of each feature row on evenly spread training clips.

    Returns:
        `features` with `row_mean` and `row_std`, float, one of each a row.
    """
    audio = data.splits["training"].audio
    step = max(1, len(audio) // NORMALISATION_CLIPS)
    return fit_normalisation(audio[::step], features)


def run_name(run: RunConfig) -> str:
    """Name a run's folder: what it is, and eight digits of a SHA-256 over every setting.

    The folder of the data is left out, so that the name is the same on every machine.
    """
    settings = replace(run, data_dir="").to_dict()
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]
    return f"{run.model.name}-{run.task.protocol}-{run.train.recipe}-seed{run.train.seed}-{digest}"


def train_model(
    run: RunConfig,
    data: TaskData,
    folder: Path,
    progress: StageProgress = SILENT,
    *,
    title: str = "",
    on_epoch: OnEpoch | None = None,
    start: "Callable[[], Networks] | None" = None,
) -> ModelFolder:
    """Train into `folder` (or go on, or find it done), and write manifest and cost beside the model.

    Args:
        title: of the bar; empty for "train" and the network's name.
        on_epoch: called with each `tfkws.training.checkpoint.EpochRow` besides the bar.
        start: makes the networks to begin with, see `tfkws.training.fit.train`.

    Raises:
        RunFolderError: `folder` holds a run of another configuration.
    """
    from tfkws.training.fit import train

    if changed := changed_kernels(folder):
        progress.say(changed)
    with progress.training(title or f"train {run.model.name}") as bar:

        def after_epoch(row: Any) -> None:
            bar.epoch(row)
            if on_epoch is not None:
                on_epoch(row)

        train(run, data, folder, start=start, on_iteration=bar.iteration, on_epoch=after_epoch)
    trained = open_model_folder(folder)
    write_json(folder / "manifest.json", data.manifest.to_dict())
    write_json(folder / "cost.json", count(trained.load_keras()).to_dict())
    return trained


def evaluate_trained(trained: ModelFolder, data: TaskData) -> dict[str, Any]:
    """Score a trained Keras model on validation and testing, and write both evaluations beside it.

    Returns:
        The evaluation of each split, JSON-ready; scores are shares 0..1.
    """
    detector = open_detector(trained.path)
    results: dict[str, dict[str, Any]] = {}
    for split in SCORED:
        evaluation, probabilities = evaluate(detector, data, trained.config.task, split)
        save(detector, evaluation, data.splits[split], probabilities)
        results[split] = evaluation.to_dict()
    return results


def summarise_seeds(results: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return mean and 95 % interval of the mean of the testing scores, 0..1; empty for one run.

    Returns:
        For "accuracy" and "f1": "mean" (float), "interval" of `tfkws.intervals.mean_share_interval` over runs,
        and "runs".
    """
    if len(results) < 2:
        return {}
    summary = {}
    for name in ("accuracy", "f1"):
        values = np.array([result["testing"][name] for result in results])
        interval = mean_share_interval(values)
        summary[name] = {"mean": float(values.mean()), "interval": interval, "runs": len(values)}
    return summary


@contextmanager
def _tensorboard(folder: Path | None, run: str) -> Iterator[OnEpoch | None]:
    if folder is None:
        yield None
    else:
        with tensorboard_log(folder / run) as log:
            yield log


@contextmanager
def tensorboard_log(folder: Path) -> Iterator[OnEpoch]:
    """Yield what to call after each epoch; the events of one training go to `folder`, by iteration.

    They are written by the tensorboard package alone, so that any backend will do.

    Yields:
        A function of an `EpochRow`.
    """
    from tensorboard.summary import Writer

    writer = Writer(str(folder))

    def write(row: EpochRow) -> None:
        for name in TENSORBOARD_SCALARS:
            writer.add_scalar(name, getattr(row, name), row.iteration)
        writer.flush()

    try:
        yield write
    finally:
        writer.close()


def _skipped(data: TaskData) -> str:
    skipped = len(data.manifest.skipped)
    return f", {skipped} unusable clips left out (listed in manifest.json)" if skipped else ""
