"""The detectors of several seeds together: means, ranges, and what the speakers and the hours allow to be said."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.detect.rates import HourlyRate, poisson_interval, total
from tfkws.detect.rejects import RejectRate, reject_rate
from tfkws.intervals import Interval

Record = dict[str, Any]
MOST_MISSED, MOST_PER_HOUR = 0.05, 0.5  # the bar


@dataclass(frozen=True)
class Spread:
    """A number of several seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return float(np.mean(self.values))

    @property
    def ends(self) -> Interval:
        """The least and the largest."""
        return min(self.values), max(self.values)


@dataclass(frozen=True)
class Missed:
    """Misses of several seeds.

    Attributes:
        shares: by seed.
        rate: of all seeds together; its interval is one over speakers, and where they are not known over recordings,
            each with what all seeds made of it. How seeds differ is not in it.
    """

    shares: Spread
    rate: RejectRate


@dataclass(frozen=True)
class Accepts:
    """False accepts of several seeds on the same audio.

    Attributes:
        rates: an hour, by seed.
        hours: of the audio.
        events: of all seeds.
    """

    rates: Spread
    hours: float
    events: int

    @property
    def interval(self) -> Interval:
        """The exact interval of the mean seed's count: hearing the same hours again adds no hours."""
        mean = self.events / len(self.rates.values)
        low, high = poisson_interval(math.floor(mean))[0], poisson_interval(math.ceil(mean))[1]
        return low / self.hours, high / self.hours


def groups(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Return records by what their runs have in common, in the order of their names; `tested` must stand in them.

    Those of an earlier version are left out: they were made otherwise, and do not tell who was tested.
    """
    found: dict[str, list[Record]] = {}
    for record in records:
        if "version" in record:
            found.setdefault(group_of(record), []).append(record)
    return found


def group_of(record: Record) -> str:
    """Return the name of a run without its seed."""
    return str(record["run"]).rpartition("-seed")[0]


def own_files(record: Record) -> list[Record]:
    """Return the counts of the recorded files in which the phrase is said; none where nobody recorded it."""
    return [each for each in record["recorded"]["files"].values() if each["rejects"]["utterances"]]


def missed(counts: Sequence[Sequence[Record]]) -> Missed | None:
    """Pool misses of the recordings that are `tested`; None where nothing was said.

    Args:
        counts: by seed, those of the files in which the phrase is said.
    """
    shares, outcomes, units, named = [], list[bool](), list[str](), True
    for of_seed in counts:
        before = len(outcomes)
        for each in of_seed:
            misses = Counter(one["file"] for one in each["missed"])
            for speaker, files in each["tested"].items():
                named = named and bool(speaker)
                for file, times in Counter(files).items():
                    outcomes += [number < misses[file] for number in range(times)]
                    units += [speaker or file] * times
        if len(outcomes) > before:
            shares.append(float(np.mean(outcomes[before:])))
    if not shares:
        return None
    rate = reject_rate(outcomes, units)
    return Missed(Spread(tuple(shares)), RejectRate(**vars(rate) | {"named": named}))


def accepts(counts: Sequence[Sequence[Record]]) -> Accepts:
    """Pool false accepts: by seed, the counts of the files that were heard."""
    rates = [
        total(HourlyRate(each["false_accepts"]["events"], each["false_accepts"]["hours"]) for each in of_seed)
        for of_seed in counts
    ]
    hours = sum(rate.hours for rate in rates) / len(rates)
    return Accepts(Spread(tuple(rate.per_hour or 0.0 for rate in rates)), hours, sum(rate.events for rate in rates))


def recorded_misses(records: Sequence[Record]) -> Missed | None:
    """Pool misses of recorded phrases."""
    return missed([own_files(record) for record in records])


def recorded_accepts(records: Sequence[Record]) -> Accepts:
    """Pool false accepts on recorded speech."""
    return accepts([list(record["recorded"]["files"].values()) for record in records])


def reached(record: Record) -> bool | None:
    """Return whether a detector reaches the bar on recorded speech; None where nobody recorded its phrase."""
    found = recorded_misses([record])
    if found is None:
        return None
    return found.shares.mean <= MOST_MISSED and recorded_accepts([record]).rates.mean <= MOST_PER_HOUR
