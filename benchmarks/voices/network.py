"""A small network, trained for a minute on laid seconds, and what it makes of recordings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.features.front_ends import get_front_end
from tfkws.features.numpy_front_end import extract, fit_normalisation

MODEL, FRONT_END = "tc_resnet8", "logmel-40x98"
EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 10, 100, 5e-3, 1e-3
HOP_FRAMES, SMOOTHED = 10, 2  # an answer each 100 ms, the mean of two
REFRACTORY = 10  # answers
_BATCH_WINDOWS = 1_000


@dataclass(frozen=True)
class Trained:
    """A network and its front end, which holds the normalisation."""

    model: object
    features: FeatureConfig


def train(clips: np.ndarray, labels: np.ndarray, seed: int) -> Trained:
    """Train on int16 (n, 16000) and labels 0 or 1, by AdamW over a cosine."""
    import keras

    from tfkws.models import build_model

    keras.utils.set_random_seed(seed)
    features = fit_normalisation(clips, get_front_end(FRONT_END))
    maps = extract(clips, features)[..., None]
    model = build_model(MODEL, input_shape=features.input_shape, num_classes=2)
    steps = EPOCHS * len(clips) // BATCH
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=not _is_softmax(model))
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=WEIGHT_DECAY), loss)
    model.fit(maps, labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return Trained(model, features)


def _is_softmax(model: object) -> bool:
    last = model.layers[-1]  # type: ignore[attr-defined]
    return "softmax" in str(getattr(last, "activation", last)).lower() or "softmax" in last.name.lower()


def scores(trained: Trained, signals: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the network's answers on signals, one each 100 ms, smoothed: float64 (n,) in 0..1."""
    windows, counts = [], []
    for signal in signals:
        rows = extract(signal, trained.features)
        starts = range(0, rows.shape[1] - trained.features.frames + 1, HOP_FRAMES)
        windows += [rows[:, start : start + trained.features.frames] for start in starts]
        counts.append(len(starts))
    answers = [
        np.asarray(trained.model.predict_on_batch(np.stack(windows[at : at + _BATCH_WINDOWS])[..., None]))  # type: ignore[attr-defined]
        for at in range(0, len(windows), _BATCH_WINDOWS)
    ]
    values = np.concatenate(answers).astype(np.float64)
    if not _is_softmax(trained.model):
        values = np.exp(values - values.max(axis=1, keepdims=True))
        values /= values.sum(axis=1, keepdims=True)
    ends = np.cumsum(counts)
    return [smoothed(values[end - count : end, 1]) for end, count in zip(ends, counts, strict=True)]


def smoothed(values: np.ndarray) -> np.ndarray:
    """Return the mean of each value and those just before it."""
    padded = np.concatenate([np.zeros(SMOOTHED - 1), values])
    return np.convolve(padded, np.full(SMOOTHED, 1 / SMOOTHED), "valid")


def event_peaks(values: np.ndarray, threshold: float) -> int:
    """Return how often a threshold is reached, a second apart at least."""
    count, free = 0, 0
    for place in np.flatnonzero(values >= threshold):
        if place >= free:
            count, free = count + 1, place + REFRACTORY
    return count
