"""The front end: logarithms of mel bands, or the cosine transform of them; needs numpy. Its tables: front_end.npz."""

from pathlib import Path

import numpy as np

TABLES = dict(np.load(Path(__file__).with_name("front_end.npz")))
FFT_LENGTH, FLOOR = int(TABLES["fft_length"]), TABLES["floor"]


def forget() -> None:
    """Do nothing: every frame is computed from its own samples alone."""


def rows(frames: np.ndarray) -> np.ndarray:
    """Return float32 (n, rows) of frames of samples in -1..1, (n, samples)."""
    spectrum = np.fft.rfft(frames * TABLES["window"], FFT_LENGTH)
    bands = (np.abs(spectrum) ** 2).astype(np.float32) @ TABLES["filters"]
    return (np.log(bands + FLOOR) @ TABLES["cosines"] - TABLES["mean"]) * TABLES["scale"]
