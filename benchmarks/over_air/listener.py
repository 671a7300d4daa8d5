"""An idealised listener: a window is answered by 1 with a probability that depends on how much of a word it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfkws.detect.over_air.device_clock import HeardWindow, Stretch, overlaps

BINS = 10


@dataclass(frozen=True)
class Listener:
    """Probabilities of a 1: of a window without any of a word, then by tenths of the word that it holds.

    Attributes:
        probabilities: BINS + 1 of them.
        windows: how many windows each was counted on; empty where it was assumed.
    """

    probabilities: tuple[float, ...]
    windows: tuple[int, ...] = ()

    def answer(self, words: Sequence[Stretch], windows: Sequence[HeardWindow], rng: np.random.Generator) -> list[bool]:
        """Answer each window by chance, independently of the others."""
        chances = np.asarray(self.probabilities)[bins_of(held_shares(words, windows))]
        return list(rng.random(len(windows)) < chances)


HALF_A_WORD = Listener((0.0,) * 5 + (0.5,) + (1.0,) * 5)  # bin 5 is from 40 to 50 %


def held_shares(words: Sequence[Stretch], windows: Sequence[HeardWindow]) -> np.ndarray:
    """Return which share of a word each window holds, of the word that it holds most of: float64 (windows,)."""
    lengths = np.array([end - begin for begin, end in words], float)
    return np.max(overlaps(windows, words) / lengths, axis=1, initial=0.0)


def bins_of(shares: np.ndarray) -> np.ndarray:
    """Return the bin of each share (n,): 0 for nothing, 1 for up to a tenth, ..., BINS for more than nine tenths."""
    return np.ceil(np.round(shares * BINS, 6)).astype(int)


def fit_listener(shares: np.ndarray, ones: np.ndarray) -> Listener:
    """Count how often windows (n,) were answered by 1, bin by bin; an empty bin takes after the one below it."""
    bins = bins_of(shares)
    counts = np.bincount(bins, minlength=BINS + 1)
    hits = np.bincount(bins, weights=ones, minlength=BINS + 1)
    chances: list[float] = []
    for hit, counted in zip(hits, counts, strict=True):
        chances.append(float(hit / counted) if counted else chances[-1] if chances else 0.0)
    return Listener(tuple(chances), tuple(int(each) for each in counts))
