"""The idealised listener: shares against single samples, bins, fitting what it was made with."""

import numpy as np
import pytest

from benchmarks.over_air.listener import BINS, HALF_A_WORD, Listener, bins_of, fit_listener, held_shares
from tfkws.detect.over_air.device_clock import Device, HeardWindow


def test_shares_are_those_of_the_word_that_a_window_holds_most_of() -> None:
    windows = Device(10, 10, 2).hear(40).windows  # 0 to 10, 12 to 22, 24 to 34
    assert held_shares([(8, 12), (14, 18), (30, 40)], windows).tolist() == [0.5, 1.0, 0.4]
    assert held_shares([], windows).tolist() == [0.0] * 3


def test_bins_begin_above_their_lower_end() -> None:
    assert bins_of(np.array([0.0, 0.001, 0.1, 0.1001, 0.9, 1.0])).tolist() == [0, 1, 1, 2, 9, 10]
    assert bins_of(np.array([0.1 + 0.2])).tolist() == [3]  # not the fourth, by rounding


def test_fitting_finds_the_probabilities_that_gave_the_answers() -> None:
    rng = np.random.default_rng(0)
    chances = np.linspace(0.02, 0.97, BINS + 1)
    shares = rng.choice([0.0, *np.linspace(0.05, 0.95, BINS)], size=60_000)
    ones = rng.random(len(shares)) < chances[bins_of(shares)]
    fitted = fit_listener(shares, ones)
    assert fitted.probabilities == pytest.approx(tuple(chances), abs=0.03)
    assert sum(fitted.windows) == len(shares)


def test_an_empty_bin_takes_after_the_one_below() -> None:
    fitted = fit_listener(np.array([0.0, 0.05]), np.array([False, True]))
    assert fitted.probabilities == (0.0, *(1.0,) * BINS)


def test_answers_come_as_often_as_they_should() -> None:
    window = HeardWindow(((0, 10),), (0, 10), 10)
    rng = np.random.default_rng(1)
    listener = Listener((0.1,) * (BINS + 1))
    answers = [listener.answer([(0, 5)], [window], rng)[0] for _ in range(3_000)]
    assert np.mean(answers) == pytest.approx(0.1, abs=0.02)
    assert HALF_A_WORD.answer([(0, 5)], [window], rng) == [True]
    assert HALF_A_WORD.answer([(6, 30)], [window], rng) == [False]
