"""A SYNTHETIC stand-in for trainings of the paper-table space: instant, shaped like real ones, not measured.

Errors fall with capacity, narrow layers and missing receptive field cost accuracy, dear networks saturate, small ones
learn slowly, and each score is counted on a finite number of clips. The constants were chosen by hand so that the seed,
kws1, kws10 and kws12 of paper B land near the errors known for 2,000 iterations (6.5, 7.6, 22.6, 28.7 %).
"""

import math
from collections.abc import Mapping

import numpy as np

CLIPS = 1_700
FLOOR = 0.04


def layers(values: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return (kernel, filters) of the six units of a paper-table candidate."""
    return [(int(values[f"conv{unit}_k"]), int(values[f"conv{unit}_m"])) for unit in range(1, 7)]


def true_error(values: Mapping[str, int], iterations: int = 2_000) -> float:
    """Return the error 0..1 that a training of that many iterations would come to without noise."""
    units = layers(values)
    channels = [1, *[filters for _, filters in units]]
    weights = [k * k * c * m for (k, m), c in zip(units, channels, strict=False)]
    capacity = (
        sum(math.log10(w) * share for w, share in zip(weights, (0.6, 0.7, 0.9, 1.0, 1.1, 1.2), strict=True)) / 5.5
    )
    reach = 1 + sum(k - 1 for k, _ in units)
    narrowest = min(m for _, m in units)
    z = 2.60 - 1.28 * capacity
    z += 0.55 * math.exp(-(reach - 1) / 5) + 0.45 * math.exp(-narrowest / 14)
    z += 0.25 * (units[0][0] == 1) + 0.06 * (units[0][0] == 5) + 0.12 * (units[5][0] == 1)
    z += 0.10 * sum(a[0] == 1 and b[0] == 1 for a, b in zip(units, units[1:], strict=False))
    z += 0.05 * max(0.0, capacity - 4.0) ** 2 + _ruggedness(units)
    z -= 0.35 * math.log(iterations / 2_000) * (1 + 0.5 * math.exp(-narrowest / 20))
    return FLOOR + (1 - FLOOR) / (1 + math.exp(-1.1 * z))


def curve(values: Mapping[str, int], rng: np.random.Generator, iterations: int = 2_000, epochs: int = 12) -> list:
    """Return a validation curve [(iteration, error 0..1)] with counting noise; it falls fast at last."""
    final, slowness = true_error(values, iterations), 0.25 + 0.25 * rng.random()
    points = []
    for epoch in range(1, epochs + 1):
        done = epoch / epochs
        above = math.exp(-done / slowness) + 0.12 * (1 - done)
        expected = final + (0.9 - final) * above * (1 - done) ** 0.5
        points.append((round(done * iterations), rng.binomial(CLIPS, min(expected, 1.0)) / CLIPS))
    return points


def _ruggedness(units: list[tuple[int, int]]) -> float:
    """Return a fixed, small, structureless part: what no model of the space explains."""
    seed = [k * 1_000 + m for k, m in units]
    return 0.06 * float(np.random.default_rng(seed).standard_normal())
