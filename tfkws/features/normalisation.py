"""Normalisation of a front end by row, measured once on training clips and from then on part of the front end."""

from dataclasses import replace

import numpy as np

from tfkws.config import FeatureConfig
from tfkws.errors import DataError
from tfkws.features.numpy_front_end import extract

MOST_CLIPS = 2_000  # more do not move the third digit
SMALLEST_STD = 1e-2


def fit_normalisation(audio: np.ndarray, config: FeatureConfig) -> FeatureConfig:
    """Return `config` with each row's mean and standard deviation over all frames of `audio`.

    Args:
        audio: training clips, (n, samples) int16 or float; evenly spaced ones are used when there are many.

    Raises:
        DataError: there are no clips.
    """
    if len(audio) == 0:
        raise DataError("A front end is normalised by training clips, and there are none.")
    chosen = np.unique(np.linspace(0, len(audio) - 1, min(len(audio), MOST_CLIPS)).astype(np.int64))
    plain = replace(config, row_mean=(), row_std=())
    rows_last = replace(plain, time_first=True)
    rows = extract(audio[chosen], rows_last).reshape(-1, config.rows).astype(np.float64)
    std = np.maximum(rows.std(axis=0), SMALLEST_STD)
    return replace(config, row_mean=_rounded(rows.mean(axis=0)), row_std=_rounded(std))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    """Round to six digits, so that the configuration reads well and stays equal on machines that differ in the 7th."""
    return tuple(float(f"{value:.6g}") for value in values)
