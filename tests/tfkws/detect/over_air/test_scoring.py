"""Counting of trials against cases by hand and a slow count of single samples; paper A's mean and its interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.detect.over_air.device_clock import Device, HeardWindow
from tfkws.detect.over_air.scoring import Counts, count, mean_f1, mean_f1_interval


def chunks(*edges: tuple[int, int]) -> list[HeardWindow]:
    return [HeardWindow((edge,), edge, edge[1]) for edge in edges]


def test_a_word_shared_by_two_chunks_is_found_once() -> None:
    windows = chunks((0, 10), (10, 20))
    assert count([(8, 13)], windows, [True, True]) == Counts(1, 0, 0, 0)
    assert count([(8, 13)], windows, [True, False]) == Counts(1, 0, 0, 0)
    assert count([(8, 13)], windows, [False, False]) == Counts(0, 0, 1, 0)
    assert count([(8, 13)], windows, [True, True], "answers") == Counts(1, 1, 0, 0)  # the first holds two fifths
    assert count([(7, 13)], windows, [True, True], "answers") == Counts(2, 0, 0, 0)


def test_a_word_that_was_never_recorded_is_missed_by_the_subject_and_by_no_answer() -> None:
    windows = chunks((0, 10), (40, 50))
    assert count([(2, 6), (20, 25)], windows, [True, False]) == Counts(1, 0, 1, 1)
    assert count([(2, 6), (20, 25)], windows, [True, False], "answers") == Counts(1, 0, 0, 1)


def test_answers_to_other_speech() -> None:
    windows = chunks((0, 10), (10, 20), (20, 30))
    assert count([(0, 5)], windows, [True, True, False]) == Counts(1, 1, 0, 1)
    assert count([], windows, [False, True, False]) == Counts(0, 1, 0, 2)
    assert count([(1, 2)], [], []) == Counts(0, 0, 1, 0)


words_in = st.lists(st.tuples(st.integers(0, 110), st.integers(1, 15)), max_size=6)


@given(words=words_in, latency=st.integers(0, 30), seed=st.integers(0, 99))
def test_counts_are_those_of_single_samples(words: list[tuple[int, int]], latency: int, seed: int) -> None:
    stretches = [(begin, begin + length) for begin, length in words]
    windows = list(Device(12, 12, latency).hear(120).windows)
    ones = list(np.random.default_rng(seed).random(len(windows)) < 0.5)
    held = [{n for begin, end in window.stretches for n in range(begin, end)} for window in windows]
    said = [set(range(*stretch)) for stretch in stretches]
    found = sum(any(one and held[i] & word for i, one in enumerate(ones)) for word in said)
    empty = [not any(each & word for word in said) for each in held]
    fp = sum(one and nothing for one, nothing in zip(ones, empty, strict=True))
    tn = sum(not one and nothing for one, nothing in zip(ones, empty, strict=True))
    assert count(stretches, windows, ones) == Counts(found, fp, len(said) - found, tn)
    half = [any(2 * len(each & word) >= len(word) for word in said) for each in held]
    table = [sum(h == wanted and o == one for h, o in zip(half, ones, strict=True)) for wanted, one in
             ((True, True), (False, True), (True, False), (False, False))]  # fmt: skip
    assert count(stretches, windows, ones, "answers") == Counts(*table)


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    counts = Counts(tp=7, fp=2, fn=3, tn=8)
    precision, recall = 7 / 9, 7 / 10
    assert counts.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert Counts(0, 0, 10, 10).f1 == 0.0
    assert Counts(0, 0, 0, 20).f1 == 1.0


def test_the_mean_is_over_subjects_of_means_over_their_trials() -> None:
    perfect, half, none = Counts(10, 0, 0, 10), Counts(5, 5, 5, 5), Counts(0, 0, 10, 10)
    assert mean_f1([[perfect], [half, none, none, none, none]]) == pytest.approx((1 + 0.1) / 2)


def test_the_interval_covers_people_who_differ_more_than_their_trials() -> None:
    rng = np.random.default_rng(3)
    expected = np.mean([2 * k / (10 + k) for p in np.linspace(0.5, 0.9, 2_000) for k in rng.binomial(10, p, size=20)])
    covered = 0
    for _ in range(60):
        people = rng.uniform(0.5, 0.9, size=12)
        trials = [[Counts(k := int(rng.binomial(10, p)), 0, 10 - k, 10) for _ in range(5)] for p in people]
        low, high = mean_f1_interval(trials)
        covered += low <= expected <= high
    assert 50 <= covered <= 59  # of 60; percentile intervals of twelve people are a little too narrow


def test_the_same_seed_gives_the_same_interval() -> None:
    trials = [[Counts(8, 1, 2, 9), Counts(10, 0, 0, 10)], [Counts(6, 0, 4, 10), Counts(7, 2, 3, 8)]]
    low, high = mean_f1_interval(trials)
    assert (low, high) == mean_f1_interval(trials)
    assert low < mean_f1(trials) < high
