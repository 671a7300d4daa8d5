"""Statistics of latencies: pure functions on the samples of several processes, in nanoseconds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.intervals import percentile_interval

RESAMPLES = 1_000
SPREAD_LIMIT = 0.05
TAIL_LIMIT = 2.0
BUSY_SHARE = 0.5

Samples = Sequence[Sequence[int]]


@dataclass(frozen=True)
class LatencySummary:
    """What the samples say, in microseconds.

    Attributes:
        median_interval_us: 95 % bootstrap interval; processes are resampled first, then runs within each,
            because runs of one process share its memory layout and the moment's clock.
        mad_us: median absolute deviation from the median.
        process_medians_us: median of each process.
        throughput_per_s: inferences a second, one after the other, at the median.
    """

    runs: int
    median_us: float
    median_interval_us: tuple[float, float]
    p95_us: float
    p99_us: float
    min_us: float
    mad_us: float
    process_medians_us: tuple[float, ...]
    throughput_per_s: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def summarise_latency(samples_ns: Samples) -> LatencySummary:
    """Summarise the samples of one or more processes.

    Args:
        samples_ns: for each process its runs in order, in ns.

    Raises:
        ValueError: a process has no samples.

    Example:
        >>> summary = summarise_latency([[10_000, 12_000, 11_000], [11_000, 13_000, 12_000]])
        >>> summary.runs, summary.median_us, summary.process_medians_us
        (6, 11.5, (11.0, 12.0))
    """
    if not samples_ns or any(len(process) == 0 for process in samples_ns):
        raise ValueError("Each process must have samples.")
    processes = [np.asarray(process, float) / 1e3 for process in samples_ns]
    pooled = np.concatenate(processes)
    median = float(np.median(pooled))
    return LatencySummary(
        runs=len(pooled),
        median_us=median,
        median_interval_us=median_interval(processes),
        p95_us=float(np.percentile(pooled, 95)),
        p99_us=float(np.percentile(pooled, 99)),
        min_us=float(pooled.min()),
        mad_us=float(np.median(np.abs(pooled - median))),
        process_medians_us=tuple(float(np.median(process)) for process in processes),
        throughput_per_s=1e6 / median,
    )


def median_interval(processes: Sequence[np.ndarray], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the pooled median, by a two-stage bootstrap.

    Source: Davison and Hinkley 1997, section 3.8. Processes are drawn with replacement, then runs in each.

    Args:
        processes: times of each process, shape (runs,), in any unit.
        seed: of the draws.

    Returns:
        Lower and upper end, float, in the unit of the times.
    """
    rng = np.random.default_rng(seed)
    medians = np.empty(RESAMPLES)
    for k in range(RESAMPLES):
        drawn = [processes[i] for i in rng.integers(len(processes), size=len(processes))]
        medians[k] = np.median(np.concatenate([rng.choice(process, len(process)) for process in drawn]))
    return percentile_interval(medians)


def instabilities(summary: LatencySummary, load_average: float | None, cores: int) -> tuple[str, ...]:
    """Return what makes the figures doubtful, each with what to do; empty for a stable measurement.

    Args:
        summary: times in µs.
        load_average: of the machine before the measurement; None where it is not known.
        cores: of the machine.
    """
    found = []
    spread = max(summary.process_medians_us) - min(summary.process_medians_us)
    if spread > SPREAD_LIMIT * summary.median_us:
        found.append(
            f"medians of the processes differ by {100 * spread / summary.median_us:.0f} %: use more --processes, "
            "and fix the clock (cpupower frequency-set -g performance)."
        )
    if summary.mad_us > SPREAD_LIMIT * summary.median_us:
        found.append(
            f"runs scatter by {100 * summary.mad_us / summary.median_us:.0f} % around the median: end other programs "
            "and let the machine cool."
        )
    if summary.p99_us > TAIL_LIMIT * summary.median_us:
        found.append("one run in a hundred takes more than twice the median: use fewer threads or end other programs.")
    if load_average is not None and load_average > BUSY_SHARE * cores:
        found.append(f"the machine was busy before it began (load {load_average:.1f}): wait for the other programs.")
    return tuple(found)
