"""Answers are smoothed backwards, and events are a second apart."""

import numpy as np

from benchmarks.voices.network import REFRACTORY, event_peaks, smoothed


def test_an_answer_is_the_mean_of_itself_and_the_one_before() -> None:
    np.testing.assert_allclose(smoothed(np.array([0.0, 1.0, 1.0, 0.0])), [0.0, 0.5, 1.0, 0.5])


def test_events_are_a_second_apart() -> None:
    values = np.zeros(40)
    values[[3, 4, 3 + REFRACTORY - 1, 3 + REFRACTORY, 30]] = 0.9
    assert event_peaks(values, 0.9) == 3
    assert event_peaks(values, 0.91) == 0
    assert event_peaks(np.ones(25), 0.5) == 3
