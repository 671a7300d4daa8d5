"""Answers of a Keras model to many clips, a chunk at a time."""

from typing import Any

import numpy as np

CHUNK = 256  # clips answered at once


def predict_in_chunks(model: Any, features: np.ndarray) -> np.ndarray:
    """Return the outputs, float32 (n, classes), for features (n, h, w, c), with the model's current weights."""
    chunks = (features[first : first + CHUNK] for first in range(0, len(features), CHUNK))
    return np.concatenate([np.asarray(model.predict_on_batch(chunk), np.float32) for chunk in chunks])
