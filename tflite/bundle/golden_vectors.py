"""Golden vectors of a bundle: short synthetic signals, what the front end makes of them, and what the model answers."""

import io
from dataclasses import dataclass

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.features.numpy_front_end import extract, to_float
from tfkws.strict_arrays import read_arrays
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import TfliteModel, open_model

ARRAYS = ("audio", "features", "outputs")
MAX_ARRAY_BYTES = 1 << 25
FEATURE_TOLERANCE = 1e-3
FLOAT_TOLERANCE = 1e-4
QUANTISED_STEPS = 2


@dataclass(frozen=True)
class Golden:
    """Audio int16 (k, samples), feature maps float32 (k, h, w, 1), outputs float32 (k, classes)."""

    audio: np.ndarray
    features: np.ndarray
    outputs: np.ndarray


@dataclass(frozen=True)
class GoldenCheck:
    """Largest deviations on this machine, all float.

    Attributes:
        feature_error, output_error: of the features and of the outputs.
        output_tolerance: largest deviation allowed of the outputs.
    """

    feature_error: float
    output_error: float
    output_tolerance: float

    @property
    def passed(self) -> bool:
        """Whether front end and model give here what they gave where the bundle was made."""
        return self.feature_error <= FEATURE_TOLERANCE and self.output_error <= self.output_tolerance


def signals(samples: int, sample_rate_hz: int) -> np.ndarray:
    """Return three signals, int16 (3, samples).

    They are a gated tone, a rising sweep, and noise of a short period with silence.
    """
    time = np.arange(samples) / sample_rate_hz
    gate = (np.arange(samples) // (samples // 8)) % 2
    tone = 0.3 * np.sin(2 * np.pi * 1_000 * time) * gate
    sweep = 0.5 * np.sin(2 * np.pi * (200 * time + 1_400 * time**2))
    noise = np.resize(np.random.default_rng(7).uniform(-0.2, 0.2, 509), samples) * (1 - gate)
    return np.round(32_767 * np.stack([tone, sweep, noise])).astype(np.int16)


def make_golden(model: TfliteFile, features: FeatureConfig) -> Golden:
    """Run front end and model on the signals.

    Raises:
        TfliteFileError: the model is damaged or takes neither the front end's maps nor its audio.
    """
    audio = signals(features.clip_samples, features.sample_rate_hz)
    maps = feature_maps(audio, features)
    return Golden(audio, maps, _answers(open_model(model), audio, maps, features))


def feature_maps(audio: np.ndarray, features: FeatureConfig) -> np.ndarray:
    """Feature maps float32 (k, h, w, 1) of clips int16 (k, samples)."""
    return np.asarray(extract(audio, features), np.float32)[..., None]


def check_golden(golden: Golden, model: TfliteModel, features: FeatureConfig) -> GoldenCheck:
    """Run front end and model on the golden vectors, each on its own golden input.

    The outputs of a quantised file may differ by a few steps of their scale, those of a float file by a fixed
    tolerance.
    """
    maps = feature_maps(golden.audio, features)
    answers = _answers(model, golden.audio, golden.features, features)
    scale = model.output_quantization.scale
    return GoldenCheck(
        feature_error=_largest_difference(maps, golden.features),
        output_error=_largest_difference(answers, golden.outputs),
        output_tolerance=QUANTISED_STEPS * scale if scale else FLOAT_TOLERANCE,
    )


def _answers(model: TfliteModel, audio: np.ndarray, maps: np.ndarray, features: FeatureConfig) -> np.ndarray:
    """What the model says to each signal; one that keeps a state, after the last step of each heard from the start."""
    if not model.states:
        return model.predict(to_float(audio) if model.takes_audio else maps)
    return np.stack([_last_answer(model, each, features) for each in maps])


def _last_answer(model: TfliteModel, frames: np.ndarray, features: FeatureConfig) -> np.ndarray:
    """The answer (classes,) to the last step of a map (h, w, 1) that is heard step by step."""
    axis = 0 if features.time_first else 1
    size = model.input_shape[axis]
    steps = [np.take(frames, range(first, first + size), axis) for first in range(0, features.frames - size + 1, size)]
    model.reset()
    return model.predict(np.stack(steps))[-1]


def write_golden(golden: Golden) -> bytes:
    """Return golden vectors as the bytes of an .npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: getattr(golden, name) for name in ARRAYS})
    return buffer.getvalue()


def read_golden(content: bytes) -> Golden:
    """Unpack; no pickles, and no array beyond its stated and bounded size.

    Raises:
        ValueError: it is not what `write_golden` wrote.
    """
    golden = Golden(**read_arrays(content, MAX_ARRAY_BYTES, ARRAYS))
    _check_kinds(golden)
    return golden


def _check_kinds(golden: Golden) -> None:
    """Refuse arrays of other number types, none at all, and numbers that are not finite."""
    for name, dtype in zip(ARRAYS, ("int16", "float32", "float32"), strict=True):
        array = getattr(golden, name)
        if array.dtype != dtype or array.ndim < 2 or not array.size:
            raise ValueError(f"golden {name} must be rows of {dtype}. They are {array.dtype} of shape {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"golden {name} must be finite")


def _largest_difference(ours: np.ndarray, golden: np.ndarray) -> float:
    return float(np.abs(ours - golden).max()) if ours.shape == golden.shape else float("inf")
