"""Golden vectors of a folder for C: audio, what the front end makes of it, and what TensorFlow Lite Micro answers."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfkws.features.numpy_front_end import StreamingFrontEnd, extract, to_float
from tfkws.tflite.bundle.archive import Bundle
from tfkws.tflite.micro.interpreter import MicroRun
from tfkws.tflite.runtime.model import TfliteModel

STEPS = 10  # of a stream whose audio is written out
SHOWN = 1  # which golden signal is written out as audio: the sweep, which reaches every band


@dataclass(frozen=True)
class GoldenRun:
    """What the device must compute again.

    Attributes:
        audio: int16 (samples,), of one answer or of the first steps of a stream.
        features: float32 (steps, values), the maps of that audio in the order that the network takes.
        stored: the same as the network stores them.
        inputs: as stored, one run after the other: (runs, values).
        outputs: TensorFlow Lite Micro's, as stored: (runs, classes).
    """

    audio: np.ndarray
    features: np.ndarray
    stored: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray


def golden_inputs(bundle: Bundle, model: TfliteModel) -> np.ndarray:
    """Return what the network is given, run after run: golden signals, or steps of a stream if it keeps a state."""
    golden, features = bundle.golden, bundle.features
    if model.takes_audio:
        return to_float(golden.audio)
    if not model.states:
        return golden.features
    axis, whole = (0 if features.time_first else 1), golden.features[SHOWN]
    if features.kind == "micro":  # on a stream it begins with no noise known
        rows = StreamingFrontEnd(features).feed(np.roll(golden.audio, -SHOWN, axis=0).ravel())
        whole = (rows if features.time_first else rows.T)[..., None]
    size = model.input_shape[axis]
    return np.stack([np.take(whole, range(at, at + size), axis) for at in range(0, whole.shape[axis] - size + 1, size)])


def golden_run(
    bundle: Bundle, model: TfliteModel, steps: dict[str, Any], inputs: np.ndarray, run: MicroRun
) -> GoldenRun:
    """Return what the device must compute again.

    Args:
        steps: what `settings_of` tells of the bundle.
        inputs: as stored, run after run.
    """
    count = min(STEPS, len(inputs)) if model.states else 1
    audio = bundle.golden.audio[SHOWN][: steps["take"] + (count - 1) * steps["hop"]]
    maps = _maps(audio, bundle, model, steps, count)
    runs = len(inputs)
    return GoldenRun(
        audio,
        maps.reshape(count, -1),
        model.input_quantization.store(maps).reshape(count, -1),
        inputs.reshape(runs, -1),
        run.outputs.reshape(runs, -1),
    )


def _maps(audio: np.ndarray, bundle: Bundle, model: TfliteModel, steps: dict[str, Any], count: int) -> np.ndarray:
    """What the network is given of audio, answer after answer, float32 (count, ...)."""
    features = bundle.features
    if model.takes_audio:
        return to_float(audio)[None]
    if features.kind == "micro":
        return golden_inputs(bundle, model)[:count]
    alone = replace(features, centred=steps["padding"] > 0)
    return np.stack([extract(audio[at * steps["hop"] :][: steps["take"]], alone) for at in range(count)])
