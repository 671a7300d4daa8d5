"""Sizes and tables of microWakeWord's front end for C, all whole numbers, and the layout of filters for C."""

from typing import Any

import numpy as np

from tfkws.features.micro import settings
from tfkws.features.micro.noise import smoothing
from tfkws.features.micro.tables import filters, gain_table, integer_window, log_table

_BITS = (
    "WINDOW_BITS", "ESTIMATE_BITS", "SMOOTHING_BITS", "GAIN_BITS", "RATIO_BITS", "SHRUNK_BITS", "LOG_SHIFT",
    "CORRECTION_BITS",
)  # fmt: skip
_LARGEST = (1 << 15) - 1


def micro_values() -> dict[str, Any]:
    """Return the macros of the front end."""
    even, odd = smoothing()[:2].tolist()
    least = int(np.float32(settings.LEAST_REMAINING) * np.float32(1 << settings.SMOOTHING_BITS))
    return {
        **{f"KWS_{name}": getattr(settings, name) for name in _BITS},
        "KWS_EVEN_SMOOTHING": even,
        "KWS_ODD_SMOOTHING": odd,
        "KWS_LEAST_REMAINING": least,
        "KWS_FEATURE_SCALE": float(settings.SCALE),
    }


def micro_tables() -> dict[str, np.ndarray]:
    """Return its tables, int16: window, filters, a unit circle of 512 numbers, parabolas of the gain, logarithms."""
    bank = filters()
    before = np.zeros((len(bank.weights), bank.first_bin))
    circle = -2 * np.pi * np.arange(settings.FFT_LENGTH) / settings.FFT_LENGTH
    tables = {
        "kws_window": integer_window(),
        **band_tables(np.hstack([before, bank.weights])),
        "kws_cosine": np.floor(0.5 + _LARGEST * np.cos(circle)),
        "kws_sine": np.floor(0.5 + _LARGEST * np.sin(circle)),
        "kws_gain": gain_table(),
        "kws_log": log_table(),
    }
    return {name: values.astype(np.int16) for name, values in tables.items()}


def band_tables(weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return filters, (bands, bins), one behind the other: of each only the bins that it weighs."""
    reached = [np.flatnonzero(row) for row in weights]
    spans = [slice(int(bins[0]), int(bins[-1]) + 1) if len(bins) else slice(0, 0) for bins in reached]
    return {
        "kws_band_first": np.array([span.start for span in spans], np.int16),
        "kws_band_bins": np.array([span.stop - span.start for span in spans], np.int16),
        "kws_band_weights": np.concatenate([row[span] for row, span in zip(weights, spans, strict=True)]),
    }
