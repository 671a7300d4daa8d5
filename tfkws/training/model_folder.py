"""The folder that holds one trained model: config.json, model.keras, history.csv, metrics.json and more."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from tfkws.config import RunConfig
from tfkws.config.strict import read
from tfkws.errors import RunFolderError
from tfkws.model_files import foreign_model
from tfkws.result_files import FRONT, trial_folder
from tfkws.run_folder import read_record, write_json

CONFIG = "config.json"
WEIGHTS = "model.keras"
CHUNK = 256  # clips answered at once


@dataclass(frozen=True)
class ModelFolder:
    """A trained model on disk: its folder, and the settings that it was trained with."""

    path: Path
    config: RunConfig

    @property
    def weights(self) -> Path:
        """Path of the `.keras` file."""
        return self.path / WEIGHTS

    def load_keras(self) -> Any:
        """Load the Keras model; no code from the file is executed.

        Raises:
            ModelError: the file is missing or damaged.
        """
        from tfkws.models.saving import load_model

        return load_model(self.weights)


def open_model_folder(path: Path) -> ModelFolder:
    """Open a model folder, given the folder, any file in it, or SEARCH:7 for trial 7 of a search.

    Raises:
        RunFolderError: it is not there, is another program's model, there is no `config.json`, or it is that of
            a search.
        ConfigError: it holds a setting that this version does not know.
    """
    path = trial_of_search(path)
    folder = path if path.is_dir() else path.parent
    if not path.exists() and not (folder / CONFIG).is_file():
        raise RunFolderError(
            f"{path} does not exist; if its folder was moved or renamed, give the new path: "
            "a folder that `tfkws train` wrote, or a file in it."
        )
    if elsewhere := foreign_model(path):
        raise RunFolderError(elsewhere)
    if (folder / FRONT).is_file():
        raise RunFolderError(f"{folder} holds a search; give a member of its front: {_members(folder)}.")
    if not (folder / CONFIG).is_file():
        raise RunFolderError(
            f"{folder} holds no {CONFIG}; give a folder that `tfkws train` wrote, whole, or a file in it: "
            "labels and front end stand there."
        )
    return ModelFolder(folder, _read_config(folder / CONFIG))


def _read_config(path: Path) -> RunConfig:
    """Read `config.json`; that of a search or of another program is refused.

    Raises:
        RunFolderError: it is no JSON, or no settings of a training.
        ConfigError: it holds a setting that this version does not know.
    """
    values = read_record(path)
    if not {"task", "features", "model"} <= set(values):
        raise RunFolderError(f"{path.parent} is no folder of `tfkws train`: its {CONFIG} holds other settings.")
    return RunConfig.from_dict(values)


def trial_of_search(path: Path) -> Path:
    """Return the folder of a trial for SEARCH:NUMBER, and any other path as it is.

    Raises:
        RunFolderError: the search has no trained network of that number.
    """
    search, _, number = str(path).rpartition(":")
    if path.exists() or not number.isdecimal() or not (Path(search) / FRONT).is_file():
        return path
    folder = Path(search) / trial_folder(int(number))
    if not (folder / WEIGHTS).is_file():
        raise RunFolderError(f"{search} holds no trained network {number}; its front is {_members(Path(search))}.")
    return folder


def _members(search: Path) -> str:
    """Name the front of a search as its members are given, SEARCH:NUMBER each."""
    members = read(tuple[dict[str, Any], ...], read_record(search / FRONT).get("members", []), "members")
    return ", ".join(f"{search}:{member['number']}" for member in members if "number" in member) or "empty"


def write_config(folder: Path, config: RunConfig) -> None:
    """Write `config.json` of a model folder."""
    write_json(folder / CONFIG, config.to_dict())


def predict_in_chunks(model: Any, features: np.ndarray) -> np.ndarray:
    """Return the outputs of a model with its current weights.

    Args:
        features: (n, h, w, c).

    Returns:
        float32 (n, classes).
    """
    _trace_for_any_count(model, features)
    starts = range(0, len(features), CHUNK)
    # The last chunk is filled up with clips of the first ones: each shape costs the backend another compilation.
    filled = np.resize(np.arange(len(features)), len(starts) * CHUNK) if len(starts) > 1 else np.arange(len(features))
    chunks = (features[filled[first : first + CHUNK]] for first in starts)
    answers = [np.asarray(model.predict_on_batch(chunk), np.float32) for chunk in chunks]
    return np.concatenate(answers)[: len(features)]


def _trace_for_any_count(model: Any, features: np.ndarray) -> None:
    """Trace what `predict_on_batch` calls once for any number of examples, so that a shorter chunk traces nothing.

    On TensorFlow alone; other backends have no such function, and a model that was called before has its own.
    """
    import keras

    if keras.backend.backend() != "tensorflow" or not isinstance(model, keras.Model):
        return
    if model.predict_function is None and not model.run_eagerly:
        import tensorflow as tf

        model.make_predict_function()
        examples, function = (
            tf.TensorSpec((None, *features.shape[1:]), features.dtype),
            cast(Any, model.predict_function),
        )
        function.get_concrete_function([(examples,)])
