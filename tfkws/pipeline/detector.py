"""Open a trained model in any of its forms: model folder, .keras, .tflite, bundle."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfkws.config import FeatureConfig, TaskConfig
from tfkws.errors import ModelError
from tfkws.training.model_folder import open_model_folder


@dataclass(frozen=True)
class Detector:
    """A model that answers, whatever file it came from.

    Attributes:
        form: "keras", "tflite" or "bundle".
        stem: names the result files: `keras`, or the conversion recipe.
        folder: where its results are written.
        task: what it was trained for; None when the file does not say.
        predict: features float32 (n, h, w, 1) to probabilities float32 (n, classes).
        synthetic_speech: whether it was trained on synthetic speech.
    """

    path: Path
    form: str
    stem: str
    folder: Path
    features: FeatureConfig
    labels: tuple[str, ...]
    task: TaskConfig | None
    predict: Callable[[np.ndarray], np.ndarray]
    synthetic_speech: bool


def open_detector(path: Path, threads: int = 1) -> Detector:
    """Open a model folder, `.keras`, `.tflite` or `.kws`.

    Raises:
        ModelError: there is no such file, or it is of another kind.
        TfkwsError: the file is damaged.
    """
    if not path.exists():
        raise ModelError(f"{path} does not exist; give a model folder, or a .keras, .tflite or .kws file.")
    if path.suffix == ".kws":
        return _open_bundle(path, threads)
    if path.is_dir() or path.suffix == ".keras":
        return _open_keras(path)
    if path.suffix == ".tflite":
        return _open_tflite(path, threads)
    raise ModelError(f"{path} is not a model; give a model folder, or a .keras, .tflite or .kws file.")


def _open_keras(path: Path) -> Detector:
    folder = open_model_folder(path)
    model = folder.load_keras()

    def predict(features: np.ndarray) -> np.ndarray:
        chunks = [features[i : i + 256] for i in range(0, len(features), 256)]
        return np.concatenate([np.asarray(model.predict_on_batch(chunk)) for chunk in chunks])

    run = folder.config
    return Detector(
        folder.weights, "keras", "keras", folder.path, run.features, run.labels, run.task, predict, run.synthetic_speech
    )


def _open_tflite(path: Path, threads: int) -> Detector:
    from tfkws.tflite.interpreter import open_model

    run = open_model_folder(path).config
    predict = open_model(path, threads=threads).predict
    return Detector(
        path, "tflite", path.stem, path.parent, run.features, run.labels, run.task, predict, run.synthetic_speech
    )


def _open_bundle(path: Path, threads: int) -> Detector:
    from tfkws.tflite.bundle import read_bundle
    from tfkws.tflite.interpreter import open_model

    bundle = read_bundle(path)
    predict = open_model(bundle.model, threads=threads).predict
    return Detector(
        path, "bundle", path.stem, path.parent, bundle.features, bundle.labels, None, predict, bundle.synthetic_speech
    )
