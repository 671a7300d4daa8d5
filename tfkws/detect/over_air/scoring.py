"""True and false positives and negatives of a trial, and the mean F1 of paper A.

A subject says a sentence with the word ten times, watches what is printed after each chunk, 1 or 0, and counts. Who has
said the word and sees no 1 for it has seen a miss, whether the network answered 0 or never received the word. So by
default *utterances* are counted:

- TP: utterances for which a 1 was printed for a window that holds any part of the word. Two chunks that share a word
  and are both answered by 1 are one TP.
- FN: all other utterances, those that nobody recorded among them. TP and FN are together the utterances.
- FP: windows answered by 1 that hold no part of any word.
- TN: windows answered by 0 that hold no part of any word. F1 does not depend on them.

The alternative counts *answers*, as one who knows what every window holds: each window that holds at least half of a
word is a TP or an FN, any other an FP or a TN. What was never recorded is then nobody's mistake.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tfkws.detect.over_air.device_clock import HeardWindow, Stretch, overlaps
from tfkws.intervals import RESAMPLES, Interval, percentile_interval

Counting = Literal["utterances", "answers"]


@dataclass(frozen=True)
class Counts:
    """What one subject counted in one trial."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def f1(self) -> float:
        """TP / (TP + (FP + FN) / 2); 1 where there was nothing to find and nothing was found.

        Example:
            >>> Counts(tp=8, fp=1, fn=2, tn=9).f1
            0.8421052631578947
        """
        mistakes = self.fp + self.fn
        return self.tp / (self.tp + mistakes / 2) if self.tp or mistakes else 1.0


def count(
    words: Sequence[Stretch], windows: Sequence[HeardWindow], ones: Sequence[bool], counting: Counting = "utterances"
) -> Counts:
    """Count a trial; see the module's docstring.

    Args:
        words: when the word was said.
        windows: those that the device judged.
        ones: whether each of them was answered by 1.

    Example:
        >>> windows = [HeardWindow(((0, 10),), (0, 10), 12), HeardWindow(((12, 22),), (12, 22), 24)]
        >>> count([(2, 6), (9, 14)], windows, [True, False])
        Counts(tp=2, fp=0, fn=0, tn=0)
        >>> count([(2, 6), (9, 14)], windows, [True, False], "answers")
        Counts(tp=1, fp=0, fn=0, tn=1)
    """
    held = overlaps(windows, words)
    answered = np.asarray(ones, bool)
    if counting == "answers":
        lengths = np.array([end - begin for begin, end in words])
        present = (2 * held >= np.maximum(lengths, 1)).any(axis=1) if len(words) else np.zeros(len(windows), bool)
        tp, fn = int((present & answered).sum()), int((present & ~answered).sum())
    else:
        present = (held > 0).any(axis=1)
        tp = int((held[answered] > 0).any(axis=0).sum())
        fn = len(words) - tp
    return Counts(tp, int((~present & answered).sum()), fn, int((~present & ~answered).sum()))


def mean_f1(trials: Sequence[Sequence[Counts]]) -> float:
    """Return paper A's score: the mean over subjects of the mean F1 over the trials of each (its section 3.2)."""
    return float(np.mean([np.mean([trial.f1 for trial in subject]) for subject in trials]))


def mean_f1_interval(trials: Sequence[Sequence[Counts]], seed: int = 0) -> Interval:
    """Return the bootstrap interval of `mean_f1`: subjects are redrawn, and the trials of each drawn one.

    One subject gives an interval over trials alone, which says nothing about other people.
    """
    rng = np.random.default_rng(seed)
    scores = [np.array([trial.f1 for trial in subject]) for subject in trials]
    slots = (RESAMPLES, len(scores))
    means = np.stack([each[rng.integers(len(each), size=(*slots, len(each)))].mean(axis=2) for each in scores])
    drawn = rng.integers(len(scores), size=slots)
    rows, places = np.arange(RESAMPLES)[:, None], np.arange(len(scores))[None, :]
    return percentile_interval(means[drawn, rows, places].mean(axis=1))
