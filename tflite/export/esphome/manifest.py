"""The manifest, version 2, that ESPHome and pymicro-wakeword read beside a model, and the settings that it holds.

Both average the last `sliding_window_size` probabilities and detect above `probability_cutoff`; tfkws detects from its
threshold on. Probabilities are 256ths: a cutoff halfway below the first average that reaches the threshold is the same.
"""

import unicodedata
from math import ceil
from typing import Any

from tfkws.config import DetectorConfig, ExportSettings, FeatureConfig
from tfkws.tflite.export.esphome.device import MINIMUM_VERSION

UNKNOWN_AUTHOR = "unknown"


def manifest(
    word: str,
    detector: DetectorConfig,
    features: FeatureConfig,
    step_frames: int,
    arena_bytes: int,
    told: ExportSettings,
) -> dict[str, Any]:
    """Return the manifest of a detector of one word.

    Args:
        step_frames: frames of the front end from one probability to the next.
        arena_bytes: what the file asks for on a device.
        told: its author, website and language go in.
    """
    window = sliding_window_size(detector, features, step_frames)
    return {
        "type": "micro",
        "wake_word": word,
        "author": told.author or UNKNOWN_AUTHOR,
        **({"website": told.website} if told.website else {}),
        "model": f"{slug(word)}.tflite",
        "trained_languages": [told.language] if told.language else [],
        "version": 2,
        "micro": {
            "probability_cutoff": probability_cutoff(detector.threshold, window),
            "sliding_window_size": window,
            "feature_step_size": round(1_000 * features.hop_samples / features.sample_rate_hz),
            "tensor_arena_size": arena_bytes,
            "minimum_esphome_version": MINIMUM_VERSION,
        },
    }


def sliding_window_size(detector: DetectorConfig, features: FeatureConfig, step_frames: int) -> int:
    """Return how many probabilities are averaged: those within the detector's `window_ms`."""
    step_ms = 1_000 * step_frames * features.hop_samples / features.sample_rate_hz
    return max(1, ceil(detector.window_ms / step_ms - 1e-9))


def probability_cutoff(threshold: float, window: int) -> float:
    """Return what an average of so many 256ths exceeds where it reaches the threshold.

    Example:
        >>> probability_cutoff(0.5, 1), probability_cutoff(0.5, 4)
        (0.498047, 0.499512)
    """
    steps = 256 * window
    return round((ceil(threshold * steps - 1e-6) - 0.5) / steps, 6)


def slug(word: str) -> str:
    """Return a name for files: small letters of ASCII, digits and underscores.

    Example:
        >>> slug("Hey Jarvis!"), slug("café"), slug("\\u4f60\\u597d")
        ('hey_jarvis', 'cafe', 'wake_word')
    """
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower()
    parts = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return "_".join(parts)[:60] or "wake_word"
