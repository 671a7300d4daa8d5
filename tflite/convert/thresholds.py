"""Detector settings that follow from a model's answers on the validation split."""

from dataclasses import replace

import numpy as np

from tfkws.config import DetectorConfig
from tfkws.training.detection import operating_points, threshold_for

FALSE_ACCEPT_RATE = 0.01


def measured_settings(labels: np.ndarray, probabilities: np.ndarray) -> DetectorConfig:
    """The default settings, for one wake word with the threshold that gives 1 % false accepts.

    Args:
        labels: int (n,); class 1 is the wake word where there are two classes.
        probabilities: float (n, classes).
    """
    if probabilities.shape[1] != 2 or not np.isfinite(probabilities).all():
        return DetectorConfig()
    points = operating_points(labels == 1, probabilities[:, 1])
    return with_threshold(threshold_for(points, FALSE_ACCEPT_RATE).threshold)


def with_threshold(threshold: float) -> DetectorConfig:
    """The default settings with a threshold, where it is one."""
    return replace(DetectorConfig(), threshold=threshold) if 0 < threshold <= 1 else DetectorConfig()
