"""Shares of missed words, and their intervals."""

import numpy as np
import pytest
from scipy import stats

from tfkws.detect.rejects import reject_rate


def test_without_words_there_is_no_share() -> None:
    rate = reject_rate([], [])
    assert (rate.share, rate.interval, rate.utterances) == (None, None, 0)


def test_words_of_one_speaker_are_drawn_together() -> None:
    missed = [True] * 20 + [False] * 20
    alone = reject_rate(missed, [str(number) for number in range(40)])
    four = reject_rate(missed, [str(number // 10) for number in range(40)])
    assert alone.share == four.share == 0.5
    assert alone.interval is not None and four.interval is not None
    assert four.interval == (0.0, 1.0) and alone.interval[1] - alone.interval[0] < 0.4


def test_the_interval_is_about_the_binomial_one_where_all_speakers_differ(rng: np.random.Generator) -> None:
    missed = list(rng.random(400) < 0.2)
    rate = reject_rate(missed, [str(number) for number in range(400)])
    wanted = stats.binomtest(sum(missed), 400).proportion_ci(method="wilson")
    assert rate.interval == pytest.approx((wanted.low, wanted.high), abs=0.01)


@pytest.mark.parametrize(("missed", "share"), [(False, 0.0), (True, 1.0)])
def test_what_never_happened_is_not_excluded(missed: bool, share: float) -> None:
    rate = reject_rate([missed] * 30, [str(number // 3) for number in range(30)])
    exact = stats.binomtest(10 if missed else 0, 10).proportion_ci()
    assert rate.share == share and rate.speakers == 10
    assert rate.interval == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize("misses", [0, 3, 8])
def test_one_speaker_gives_no_interval(misses: int) -> None:
    rate = reject_rate([number < misses for number in range(8)], ["anna"] * 8)
    assert (rate.share, rate.interval, rate.speakers) == (misses / 8, None, 1)
    assert rate.to_dict()["interval"] is None


def test_unnamed_speakers_count_as_one_each_and_this_is_told() -> None:
    rate = reject_rate([True, False, True], ["", "", "anna"])
    assert (rate.speakers, rate.named) == (3, False)
