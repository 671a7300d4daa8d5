from typing import Any

import pytest
from scipy import stats

from benchmarks.phrase.pooled import accepts, groups, missed, reached, recorded_misses


def counts(tested: dict[str, list[str]], misses: list[str], events: int = 0, hours: float = 1.0) -> dict[str, Any]:
    return {
        "rejects": {"utterances": sum(map(len, tested.values()))},
        "tested": tested,
        "missed": [{"file": file} for file in misses],
        "false_accepts": {"events": events, "hours": hours},
    }


NAMED = {"anna": ["a", "b"], "ben": ["c", "d"]}


def record(run: str, *files: dict[str, Any]) -> dict[str, Any]:
    return {"run": run, "version": 2, "recorded": {"files": {str(number): each for number, each in enumerate(files)}}}


def test_shares_are_by_seed_and_speakers_are_drawn_over_all_seeds() -> None:
    found = missed([[counts(NAMED, ["a"])], [counts(NAMED, ["a", "b", "c"])]])
    assert found is not None
    assert (found.shares.values, found.shares.mean, found.shares.ends) == ((0.25, 0.75), 0.5, (0.25, 0.75))
    assert (found.rate.misses, found.rate.utterances, found.rate.speakers, found.rate.named) == (4, 8, 2, True)
    assert found.rate.interval == (0.25, 0.75)  # Anna alone: 3 of 4; Ben alone: 1 of 4


def test_unknown_speakers_are_drawn_as_recordings_with_what_all_seeds_made_of_them() -> None:
    files = [str(number) for number in range(40)]
    once = missed([[counts({"": files}, files[:10])]])
    twice = missed([[counts({"": files}, files[:10])]] * 2)
    assert once is not None and twice is not None
    assert once.rate.interval == twice.rate.interval and once.rate.speakers == twice.rate.speakers == 40
    assert not once.rate.named


def test_one_speaker_gives_no_interval_and_nobody_no_share() -> None:
    alone = missed([[counts({"p001": ["a", "b"]}, ["a"])]] * 3)
    assert alone is not None and alone.rate.interval is None
    assert missed([[counts({}, [])], []]) is None


def test_a_recording_that_is_laid_twice_counts_twice() -> None:
    found = missed([[counts({"": ["a", "a", "b"]}, ["a"])]])
    assert found is not None
    assert (found.rate.misses, found.rate.utterances, found.rate.speakers) == (1, 3, 2)


def test_false_accepts_of_the_same_hours_do_not_add_hours() -> None:
    found = accepts([[counts({}, [], 2, 3.0), counts({}, [], 1, 1.0)], [counts({}, [], 5, 4.0)]])
    assert (found.rates.values, found.hours, found.events) == ((0.75, 1.25), 4.0, 8)
    low, high = stats.chi2.ppf(0.025, 2 * 4) / 2, stats.chi2.ppf(0.975, 2 * 5) / 2  # Garwood, of 4 events
    assert found.interval == pytest.approx((low / 4, high / 4))


def test_a_mean_between_two_counts_takes_the_wider_ends() -> None:
    found = accepts([[counts({}, [], 0)], [counts({}, [], 1)]])
    assert found.interval == pytest.approx((0.0, stats.chi2.ppf(0.975, 4) / 2))


def test_the_bar_wants_both() -> None:
    many = {"": [str(number) for number in range(100)]}
    assert reached(record("r", counts(many, ["1", "2"], 1, 2.0))) is True
    assert reached(record("r", counts(many, ["1", "2"], 2, 2.0))) is False
    assert reached(record("r", counts(many, [str(number) for number in range(6)], 0, 2.0))) is False
    assert reached(record("r", counts({}, [], 0, 2.0))) is None


def test_runs_that_differ_in_the_seed_alone_belong_together_and_old_ones_nowhere() -> None:
    runs = ["happy-quick-text-seed0", "happy-quick-text-seed1", "happy-full-text-seed0"]
    found = groups([*(record(run) for run in runs), {"run": "happy-quick-text-seed2"}])
    assert {name: len(seeds) for name, seeds in found.items()} == {"happy-quick-text": 2, "happy-full-text": 1}
    assert recorded_misses(found["happy-quick-text"]) is None
