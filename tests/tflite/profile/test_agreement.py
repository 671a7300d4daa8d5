"""Sums of operators against wholes that were made up."""

import pytest

from tfkws.errors import ProfileParseError
from tfkws.tflite.profile import litert
from tfkws.tflite.profile.agreement import Whole, agreement_of


def test_agreement_and_its_reasons() -> None:
    whole = litert._whole([900_000, 1_000_000, 1_100_000])
    assert whole.median_us == 1000
    near = agreement_of(whole, 1030, alone=0)
    assert near.difference == pytest.approx(0.03)
    assert (near.agrees, near.explanation) == (True, "")
    more = agreement_of(whole, 1200, alone=0)
    less = agreement_of(whole, 800, alone=7)
    assert (more.agrees, less.agrees) == (False, False)
    assert "scatter" not in agreement_of(Whole(1000, None), 1200, alone=0).explanation
    assert "200 µs more" in more.explanation
    assert "scatter by 10 %" in more.explanation
    assert "200 µs less" in less.explanation
    assert "7 operators were timed by themselves" in less.explanation


def test_below_200_microseconds_nothing_is_judged() -> None:
    found = agreement_of(Whole(199.0, None), 400, alone=0)
    assert found.agrees is None
    assert "less than 200 µs" in found.explanation


def test_the_call_counts_beside_the_operators() -> None:
    found = agreement_of(Whole(1000.0, None, call_us=40.0), 950.0, alone=0)
    assert found.difference == pytest.approx(-0.01)
    assert found.agrees


def test_a_sum_far_above_the_whole_is_refused() -> None:
    """A loop of 9 µs whose inner events came to 1.3 ms."""
    with pytest.raises(ProfileParseError, match=r"sum to 1.3 ms, but the whole takes 9 µs"):
        agreement_of(Whole(9.0, None), 1300.0, alone=0)
    assert agreement_of(Whole(1.0, None), 4.0, alone=0).agrees is None  # what the clock cannot tell
