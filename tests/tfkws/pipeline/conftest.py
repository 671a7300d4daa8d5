"""A model folder with clips made of noise, for the stages that convert, bundle and open it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tfkws.config import ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.data.clip_set import ClipSet
from tfkws.data.manifest import Manifest
from tfkws.data.task_data import TaskData
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.models.saving import save_model
from tfkws.training.model_folder import ModelFolder, open_model_folder, write_config

TASK = TaskConfig("commands", ("yes", "no"))
LABELS = ("yes", "no", "_unknown_")
COUNTS = {"training": 12, "validation": 30, "testing": 9}


@pytest.fixture(scope="session")
def data() -> TaskData:
    """Clips of noise with labels in turns: 12 for training, 30 for validation, 9 for testing."""
    rng = np.random.default_rng(11)
    splits = {name: _clips(rng, name, count) for name, count in COUNTS.items()}
    return TaskData(LABELS, splits, (), (), Manifest(TASK, LABELS, {}, (), (), True), True)


def _clips(rng: np.random.Generator, split: str, count: int) -> ClipSet:
    files = tuple(f"yes/{split}{i:04d}_nohash_0.wav" for i in range(count))
    audio = rng.integers(-9000, 9000, (count, 16_000)).astype(np.int16)
    return ClipSet(audio, np.arange(count) % 3, files, tuple(f"speaker{i}" for i in range(count)))


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder of which each test gets a copy."""
    import keras

    from tfkws.models import build_model

    keras.utils.set_random_seed(4)
    folder = tmp_path_factory.mktemp("untrained")
    features = FRONT_ENDS["logmel-32x32"]
    variant = {"convs": "3x3,4 1x1,4"}
    run = RunConfig(TASK, features, ModelConfig("seed_cnn", variant), TrainConfig(), LABELS, "x", True)
    write_config(folder, run)
    save_model(build_model("seed_cnn", features.input_shape, 3, **variant), folder / "model.keras")
    return folder


@pytest.fixture
def model_folder(untrained: Path, tmp_path: Path) -> ModelFolder:
    """The folder of an untrained network of two convolutions."""
    shutil.copytree(untrained, tmp_path, dirs_exist_ok=True)
    return open_model_folder(tmp_path)
