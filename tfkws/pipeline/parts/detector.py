"""Open a trained model in any of its forms: model folder, .keras, .tflite, bundle."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.config import FeatureConfig, RunConfig, TaskConfig
from tfkws.data.batches import feature_map
from tfkws.data.clip_set import ClipSet
from tfkws.errors import ModelError, RunFolderError
from tfkws.features.numpy_front_end import to_float
from tfkws.model_files import foreign_model
from tfkws.training.model_folder import CHUNK, open_model_folder, predict_in_chunks, trial_of_search

if TYPE_CHECKING:
    from tfkws.tflite.file.tflite_file import TfliteFile
    from tfkws.tflite.runtime.model import TfliteModel


@dataclass(frozen=True)
class Detector:
    """A model that answers, whatever file it came from.

    Attributes:
        form: "keras", "tflite" or "bundle".
        stem: names the result files: `keras`, or the conversion recipe.
        folder: where its results are written.
        task: what it was trained for; None when the file does not say.
        predict: feature maps float32 (n, h, w, 1), or audio float32 (n, samples) where `takes_audio`, to
            probabilities float32 (n, classes).
        synthetic_speech: whether it was trained on synthetic speech.
        runtime: what runs a .tflite.
        accelerator: of a GPU, what computes and how (`tfkws.tflite.gpu.interpreter`); None on a CPU.
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
    takes_audio: bool = False
    runtime: str = "litert"
    accelerator: dict[str, Any] | None = None

    def answer(self, clips: ClipSet) -> np.ndarray:
        """Probabilities float32 (n, classes) of clips."""
        if not self.takes_audio:
            return self.predict(feature_map(clips, self.features))
        chunks = (clips.audio[first : first + CHUNK] for first in range(0, len(clips), CHUNK))
        return np.concatenate([self.predict(to_float(np.asarray(chunk))) for chunk in chunks])

    def in_order(self, labels: tuple[str, ...]) -> "Detector":
        """Return the detector that answers the same classes in another order; as it is where they are others."""
        if self.labels == labels or sorted(self.labels) != sorted(labels):
            return self
        order = [self.labels.index(label) for label in labels]
        return replace(self, labels=labels, predict=lambda examples: self.predict(examples)[:, order])


def open_detector(path: Path, threads: int = 1, runtime: str = "litert") -> Detector:
    """Open a model folder, `.keras`, `.tflite` or `.kws`, or SEARCH:7 for trial 7 of a search.

    Args:
        runtime: for .tflite files and bundles, a name in `tfkws.tflite.runtime.runtimes.RUNTIMES`.

    Raises:
        ModelError: there is no such file, or it is of another kind.
        TfkwsError: the file is damaged.
    """
    path = trial_of_search(path)
    if not path.exists():
        raise ModelError(f"{path} does not exist; give a model folder, or a .keras, .tflite or .kws file.")
    if elsewhere := foreign_model(path):
        raise ModelError(elsewhere)
    if path.suffix == ".kws":
        return _open_bundle(path, threads, runtime)
    if path.is_dir() or path.suffix == ".keras":
        if runtime != Detector.runtime:
            raise ModelError(f"{path} is a Keras model, and --runtime is for .tflite files; convert it first.")
        return _open_keras(path)
    if path.suffix == ".tflite":
        return _open_tflite(path, threads, runtime)
    raise ModelError(f"{path} is not a model; give a model folder, or a .keras, .tflite or .kws file.")


def _open_keras(path: Path) -> Detector:
    folder = open_model_folder(path)
    predict = partial(predict_in_chunks, folder.load_keras())
    run = folder.config
    return Detector(
        folder.weights, "keras", "keras", folder.path, run.features, run.labels, run.task, predict, run.synthetic_speech
    )


def _open_tflite(path: Path, threads: int, runtime: str) -> Detector:
    """What the file says about itself counts; a file without a word is what the folder around it says."""
    from tfkws.tflite.file.tflite_file import TfliteFile
    from tfkws.tflite.runtime.model import open_model

    file = TfliteFile.read(path)
    about = file.metadata or _folder_of(path)
    model = open_model(file, threads=threads, runtime=runtime)
    return Detector(
        path, "tflite", path.stem, path.parent, about.features, about.labels, about.task, _predict_of(file, model),
        about.synthetic_speech, model.takes_audio, runtime, model.accelerator,
    )  # fmt: skip


def _folder_of(path: Path) -> RunConfig:
    try:
        return open_model_folder(path).config
    except RunFolderError as error:
        raise ModelError(
            f"{path} holds no metadata of tfkws and lies in no model folder, so its labels and front end are unknown; "
            "name them with --labels yes,no,... --features NAME."
        ) from error


def _open_bundle(path: Path, threads: int, runtime: str) -> Detector:
    from tfkws.tflite.bundle.archive import read_bundle
    from tfkws.tflite.runtime.model import open_model

    bundle = read_bundle(path)
    model = open_model(bundle.model, threads=threads, runtime=runtime)
    return Detector(
        path, "bundle", path.stem, path.parent, bundle.features, bundle.labels, bundle.task,
        _predict_of(bundle.model, model), bundle.synthetic_speech, model.takes_audio, runtime, model.accelerator,
    )  # fmt: skip


def _predict_of(file: "TfliteFile", model: "TfliteModel") -> Callable[[np.ndarray], np.ndarray]:
    """What answers clips; a model that keeps a state hears each as a stream of its own."""
    from tfkws.tflite.runtime.streaming import StreamingModel

    about = file.metadata
    if about is None or about.streaming is None:
        return model.predict
    return StreamingModel(model, about.features, about.streaming).answer_clips
