"""False rejects: the share of words that were not heard, with an interval over speakers."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.intervals import Interval, percentile_interval, perfect_score_bound, resampled_counts


@dataclass(frozen=True)
class RejectRate:
    """So many of so many words were missed.

    Attributes:
        share: misses a word; None without words.
        interval: 95 %, by drawing speakers with replacement; None without words, and where one speaker said them
            all, who tells nothing of how others are heard.
        speakers: how many; words whose speaker is not known count as one each.
        named: whether all speakers are known, so that the interval is one over speakers and not over words.
    """

    misses: int
    utterances: int
    share: float | None
    interval: Interval | None
    speakers: int
    named: bool

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self) | {"interval": list(self.interval) if self.interval else None}


def reject_rate(missed: Sequence[bool], speakers: Sequence[str]) -> RejectRate:
    """Return the share of misses; all words of a speaker are drawn together, because they are alike.

    Where nothing or everything was missed, resampling cannot show an error never seen: the other end is then Clopper
    and Pearson's for as many independent speakers.

    Args:
        missed: whether each word was.
        speakers: who said each; "" where that is not known.

    Example:
        >>> rate = reject_rate([False] * 8, ["anna", "anna", "ben", "ben", "cleo", "cleo", "dan", "dan"])
        >>> rate.share, [round(end, 3) for end in rate.interval]
        (0.0, [0.0, 0.602])
    """
    if not missed:
        return RejectRate(0, 0, None, None, 0, True)
    units = [speaker or f"\0{number}" for number, speaker in enumerate(speakers)]
    names, index = np.unique(units, return_inverse=True)
    misses = np.bincount(index, np.asarray(missed, float), len(names))
    share = float(misses.sum() / len(missed))
    return RejectRate(int(misses.sum()), len(missed), share, _interval(misses, index, share), len(names), all(speakers))


def _interval(misses: np.ndarray, index: np.ndarray, share: float) -> Interval | None:
    """Return the interval of a share of misses, float64 (speakers,), of words said by `index`, int (words,)."""
    if len(misses) == 1:
        return None
    bound = perfect_score_bound(len(misses))
    if share in (0.0, 1.0):
        return (0.0, 1 - bound) if share == 0.0 else (bound, 1.0)
    words = np.bincount(index, minlength=len(misses))
    draws = resampled_counts(len(misses)).astype(np.float64)
    return percentile_interval((draws @ misses) / (draws @ words))
