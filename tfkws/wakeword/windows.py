"""Windows on tracks: which of them hold the phrase, batches of them made various, and scores of all of them.

A window is known by the frame at which it ends. It holds the phrase while the phrase ended a moment ago; just before
and after that nobody can say, and such windows are neither learnt nor judged.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tfkws.wakeword.rows import Rows

NO, YES, UNSAID = 0, 1, 2


@dataclass(frozen=True)
class Span:
    """When a window holds the phrase, in frames after its end.

    Attributes:
        frames: length of a window.
        early, late: first and last end of a window that does, counted from the phrase's end. A synthesiser's word ends
            sooner than its last sound has faded; a window that ends with it would teach that a part is enough.
        partial: from which share of the phrase on a window may no longer be called one without it.
    """

    frames: int
    early: int = 8
    late: int = 36
    partial: float = 0.6


def classes_of(rows: Rows, span: Span) -> np.ndarray:
    """Return NO, YES or UNSAID for the window that ends before each frame of `rows`, int8 (frames + 1,).

    Windows that begin before their track are UNSAID.
    """
    found = np.zeros(rows.frames + 1, np.int8)
    for start, end in rows.words:
        found[int(start + span.partial * (end - start)) : min(end, start) + span.frames] = UNSAID
    for start, end in rows.words:
        last = min(end + span.late, start + span.frames + 4)
        found[end + span.early : last + 1] = YES
    for begin, after in zip(rows.begins[:-1], rows.begins[1:], strict=True):
        found[begin : begin + span.frames] = UNSAID
        if after - begin < span.frames:
            found[begin:after] = UNSAID
    return found


@dataclass(frozen=True)
class Variety:
    """How a window's rows are changed on their way into a batch.

    Attributes:
        pace: largest factor of the time, either way.
        warp: largest factor of the frequency, either way.
        tilt: largest amplitude of a slow curve over the bands, in natural logarithms of power.
        time_mask, band_mask: widest masks.
        masks: of each kind.
    """

    pace: float = 1.15
    warp: float = 1.08
    tilt: float = 0.7
    time_mask: int = 12
    band_mask: int = 6
    masks: int = 2


def draw_windows(
    values: np.ndarray, ends: np.ndarray, frames: int, variety: Variety, rng: np.random.Generator, warps: np.ndarray
) -> np.ndarray:
    """Cut windows and change each a little.

    Args:
        values: float16 (n, bands), rows of all tracks.
        ends: int (b,), where the windows end.
        warps: float32 (k, bands, bands), from `warp_matrices`.

    Returns:
        float32 (b, frames, bands), not normalised.
    """
    pace = np.exp(rng.uniform(-1, 1, len(ends)) * np.log(variety.pace))
    places = np.maximum(ends[:, None] - 1 - pace[:, None] * np.arange(frames)[::-1], 0)
    before = places.astype(np.int64)
    share = (places - before).astype(np.float32)[..., None]
    windows = values[before].astype(np.float32)
    windows += (values[np.minimum(before + 1, len(values) - 1)].astype(np.float32) - windows) * share
    windows = windows @ warps[rng.integers(len(warps), size=len(ends))]
    bands = np.linspace(0, np.pi, values.shape[1])
    amplitudes = rng.uniform(-variety.tilt, variety.tilt, (len(ends), 3, 1)) / np.array([1, 1.5, 2])[:, None]
    windows += (amplitudes * np.cos(np.arange(1, 4)[:, None] * bands)).sum(axis=1).astype(np.float32)[:, None]
    return masked(windows, variety, rng)


def masked(windows: np.ndarray, variety: Variety, rng: np.random.Generator) -> np.ndarray:
    """Blank stretches of time and of bands in place by the mean: SpecAugment (Park et al., arXiv:1904.08779)."""
    means = windows.mean(axis=(1, 2))
    for axis, widest in ((1, variety.time_mask), (2, variety.band_mask)):
        size = windows.shape[axis]
        for _ in range(variety.masks):
            widths = rng.integers(0, widest + 1, len(windows))
            starts = (rng.random(len(windows)) * (size - widths + 1)).astype(int)
            for window, start, width, mean in zip(windows, starts, widths, means, strict=True):
                stretch = slice(start, start + width)
                window[stretch if axis == 1 else (slice(None), stretch)] = mean
    return windows


def warp_matrices(bands: int, largest: float, count: int = 17) -> np.ndarray:
    """Return matrices that stretch or squeeze the bands of a row, float32 (count, bands, bands): `rows @ matrix`."""
    made = np.zeros((count, bands, bands), np.float32)
    for matrix, factor in zip(made, np.exp(np.linspace(-1, 1, count) * np.log(largest)), strict=True):
        places = np.clip(np.arange(bands) * factor, 0, bands - 1)
        before = np.minimum(places.astype(int), bands - 2)
        matrix[before, np.arange(bands)] = 1 - (places - before)
        matrix[before + 1, np.arange(bands)] += places - before
    return made


def scored(
    values: np.ndarray, ends: np.ndarray, frames: int, answer: Callable[[np.ndarray], np.ndarray], chunk: int = 2_048
) -> np.ndarray:
    """Return the answer to each window, float32 (n,).

    Args:
        answer: from windows float32 (b, frames, bands) to the phrase's probability (b,).
    """
    steps = np.arange(-frames, 0)
    found = [
        answer(values[ends[first : first + chunk, None] + steps].astype(np.float32))
        for first in range(0, len(ends), chunk)
    ]
    return np.concatenate([np.zeros(0, np.float32), *found])
