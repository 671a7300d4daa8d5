from typing import Any

import numpy as np
import pytest

from tfkws.tflite.benchmark.summary import instabilities, median_interval, summarise_latency


def test_order_statistics_of_known_samples() -> None:
    summary = summarise_latency([list(range(1_000, 101_000, 1_000))])  # 1 to 100 µs
    assert summary.median_us == 50.5
    assert summary.min_us == 1.0
    assert summary.p95_us == pytest.approx(95.05)
    assert summary.p99_us == pytest.approx(99.01)
    assert summary.mad_us == 25.0
    assert summary.throughput_per_s == pytest.approx(1e6 / 50.5)
    assert summary.runs == 100


def test_interval_covers_the_true_median_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(20):
        drifts = rng.normal(100, 5, 6)
        low, high = median_interval([rng.normal(drift, 1, 60) for drift in drifts], seed)
        hits += low <= 100 <= high
    assert 15 <= hits <= 20  # 95 % nominal; with six processes a percentile bootstrap covers somewhat less


def test_interval_knows_that_runs_of_one_process_are_alike() -> None:
    rng = np.random.default_rng(0)
    alike = [rng.normal(100, 1, 200) for _ in range(3)]
    drifting = [rng.normal(mean, 1, 200) for mean in (90, 100, 110)]
    assert np.ptp(median_interval(drifting)) > 10 * np.ptp(median_interval(alike))


def test_constant_samples_are_stable() -> None:
    summary = summarise_latency([[5_000] * 10, [5_000] * 10])
    assert summary.median_interval_us == (5.0, 5.0)
    assert instabilities(summary, load_average=0.1, cores=2) == ()


@pytest.mark.parametrize(
    ("samples", "load", "word"),
    [
        ([[5_000] * 10, [5_000] * 10, [6_000] * 10], 0.0, "processes differ by"),
        ([[5_000, 6_000, 4_000, 6_500, 3_500] * 5], 0.0, "scatter"),
        ([[5_000] * 95 + [50_000] * 5], 0.0, "one run in a hundred"),
        ([[5_000] * 10], 1.5, "busy"),
    ],
)
def test_each_kind_of_unrest_is_flagged_with_what_to_do(samples: Any, load: Any, word: Any) -> None:
    (warning,) = instabilities(summarise_latency(samples), load, cores=2)
    assert word in warning
    assert ":" in warning


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="samples"):
        summarise_latency([[1], []])
