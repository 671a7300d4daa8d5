"""Open a .tflite or .keras file made elsewhere, by what its owner tells of it, as a `Detector`."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import prod
from pathlib import Path

import numpy as np

from tfkws.config import ForeignModel
from tfkws.errors import ModelError
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.model_files import foreign_model
from tfkws.pipeline.parts.bare_model import open_bare_detector
from tfkws.pipeline.parts.detector import Detector
from tfkws.tflite.file.foreign_model import adapted, keeps_state
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model

_ROUNDING = 0.02  # beyond 0..1: steps of a coarse output scale


def open_foreign(path: Path, told: ForeignModel, threads: int = 1, runtime: str = "litert") -> Detector:
    """Open a file; what its owner tells counts, and not what the file or the folder around it says.

    Args:
        runtime: a name in `tfkws.tflite.runtime.runtimes.RUNTIMES`.

    Raises:
        ModelError: it is no .tflite or .keras file, or not what was told.
        TfliteFileError: it is missing or damaged.
    """
    if elsewhere := foreign_model(path):
        raise ModelError(elsewhere)
    if path.suffix == ".keras":
        return open_bare_detector(path, told)
    if path.suffix != ".tflite":
        raise ModelError(f"--labels and --features are for .tflite and .keras files made elsewhere. Received {path}.")
    given = TfliteFile.read(path)
    frames = _frames_of_a_step(given.graph, told)
    file = adapted(given, replace(told, features=replace(told.features, frames=frames)))
    model = open_model(file, threads=threads, runtime=runtime)
    answer = model.predict
    if keeps_state(file.graph):
        answer = partial(_afresh, file, threads, runtime, 0 if told.takes_audio or told.features.time_first else 1)
    return Detector(
        path, "tflite", path.stem, path.parent, told.features, told.labels, None, partial(_checked, answer, path.name),
        synthetic_speech=False, takes_audio=told.takes_audio, runtime=runtime, accelerator=model.accelerator,
    )  # fmt: skip


def _frames_of_a_step(graph: TfliteGraph, told: ForeignModel) -> int:
    """Return how many frames a file takes at once: those of a clip, or fewer where it keeps a state."""
    frames, left = divmod(prod(graph.input.shape), told.features.rows)
    in_steps = not told.takes_audio and keeps_state(graph) and not left and 0 < frames < told.features.frames
    return frames if in_steps else told.features.frames


def _afresh(file: TfliteFile, threads: int, runtime: str, time_axis: int, examples: np.ndarray) -> np.ndarray:
    """Answer each example with a model that heard nothing before, for a file that keeps values between runs.

    A file that takes fewer frames than an example has hears them step by step, to the last one, and the answer is
    that of the last step.
    """
    answers = []
    for each in examples:
        model = open_model(file, threads=threads, runtime=runtime)
        taken, total = model.input_shape[time_axis], each.shape[time_axis]
        steps = [np.take(each, range(at, at + taken), time_axis) for at in range(total % taken, total, taken)]
        answers.append(model.predict(np.stack(steps))[-1])
    return np.stack(answers)


def _checked(answer: Callable[[np.ndarray], np.ndarray], name: str, examples: np.ndarray) -> np.ndarray:
    """Pass on answers that can be probabilities.

    Raises:
        ModelError: they lie outside of 0..1, or are no numbers.
    """
    given = answer(examples)
    if not (np.isfinite(given) & (given >= -_ROUNDING) & (given <= 1 + _ROUNDING)).all():
        raise ModelError(
            f"{name} answers numbers from {given.min():.3g} to {given.max():.3g}, which are no probabilities; "
            "if they are logits, add --logits. If they are not finite, check --scale and --offset."
        )
    return given
