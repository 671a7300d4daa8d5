"""Ranges of the values between operators, measured by running the float32 file on calibration clips.

Three rules: "minmax" takes all values, "percentile" leaves out the outermost 0.01 % on either side, "mse" takes the
range whose rounding and clipping have the least squared error together.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.recipes import Rule
from tfkws.tflite.runtime.model import TfliteModel, open_model

Ranges = dict[str, tuple[float, float]]

BINS = 2_048
OUTERMOST_SHARE = 1e-4
SHRINKINGS = np.linspace(1.0, 0.1, 91)
# Of a value that was always zero, which any range stores exactly. The narrowest one would do, but then the factor from
# the sums to it is so large that XNNPACK refuses the file (256 or more).
OF_ZERO = (0.0, 1.0)


def measure_ranges(float_file: TfliteFile, examples: np.ndarray, rule: Rule, bits: int = 8) -> Ranges:
    """Measure the range of every float32 value of a network: tensor name to (lowest, highest), which hold zero.

    Args:
        float_file: the network in float32.
        examples: float32 (n, ...).
        bits: of a stored value; what "mse" weighs clipping against.

    Raises:
        TfliteFileError: the file is damaged.
    """
    model = open_model(float_file, kernels="builtin", load_check=False, keep_tensors=True)
    ranges = _extremes(model, examples)
    if rule != "minmax":
        histograms = _histograms(model, examples, ranges)
        narrow = without_outermost if rule == "percentile" else partial(least_error_range, steps=2**bits - 1)
        ranges = {name: narrow(histograms[name], _centres(limits)) for name, limits in ranges.items()}
    return {name: limits if any(limits) else OF_ZERO for name, limits in ranges.items()}


def without_outermost(counts: np.ndarray, centres: np.ndarray) -> tuple[float, float]:
    """Range without the outermost 0.01 % of values on either side, widened to hold zero.

    Args:
        counts, centres: float (bins,), a histogram.
    """
    share = np.cumsum(counts) / counts.sum()
    low = centres[np.searchsorted(share, OUTERMOST_SHARE)]
    high = centres[min(int(np.searchsorted(share, 1 - OUTERMOST_SHARE)), len(centres) - 1)]
    return min(0.0, float(low)), max(0.0, float(high))


def least_error_range(counts: np.ndarray, centres: np.ndarray, steps: int = 255) -> tuple[float, float]:
    """Range with the least squared error of stored values: step^2 / 12 inside, squared distance outside.

    Upper and lower end are shrunk in turns, as both share the step.

    Args:
        counts, centres: float (bins,), a histogram.
    """
    low, high = min(0.0, float(centres[0])), max(0.0, float(centres[-1]))
    lowest, highest = low, high
    for _ in range(2):
        high = _best(lambda end: squared_error(counts, centres, low, end, steps), highest)  # noqa: B023
        low = _best(lambda end: squared_error(counts, centres, end, high, steps), lowest)  # noqa: B023
    return low, high


def squared_error(counts: np.ndarray, centres: np.ndarray, low: float, high: float, steps: int = 255) -> float:
    """Return the summed squared error of a histogram's values when they are stored in equal steps.

    Values within the range have the error of rounding, step^2 / 12; those outside that of clipping.

    Args:
        counts, centres: of the histogram's bins, shape (bins,).
        low, high: range of the steps.
        steps: number of steps; 255 for int8.
    """
    clipped = np.clip(centres, low, high)
    rounding = np.where(clipped == centres, ((high - low) / steps) ** 2 / 12, 0.0)
    return float(counts @ ((centres - clipped) ** 2 + rounding))


def _best(error: Callable[[float], float], widest: float) -> float:
    if widest == 0:
        return 0.0
    return float(min((widest * shrinking for shrinking in SHRINKINGS), key=error))


def _extremes(model: TfliteModel, examples: np.ndarray) -> Ranges:
    found: Ranges = {}
    for name, values in _activations(model, examples):
        low, high = found.get(name, (0.0, 0.0))
        found[name] = min(low, float(values.min())), max(high, float(values.max()))
    return found


def _histograms(
    model: TfliteModel, examples: np.ndarray, limits: Mapping[str, tuple[float, float]]
) -> dict[str, np.ndarray]:
    counts = {name: np.zeros(BINS) for name in limits}
    for name, values in _activations(model, examples):
        low, high = limits[name]
        if high > low:
            places = ((values.ravel() - low) * (BINS / (high - low))).astype(np.int64)
            counts[name] += np.bincount(np.minimum(places, BINS - 1), minlength=BINS)
        else:
            counts[name][0] += values.size
    return counts


def _centres(limits: tuple[float, float]) -> np.ndarray:
    low, high = limits
    return low + (np.arange(BINS) + 0.5) * ((high - low) / BINS)


def _activations(model: TfliteModel, examples: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Name and values of every float32 value, example by example."""
    tensors = [tensor for tensor in model.graph.tensors if tensor.dtype == "float32" and not tensor.is_constant]
    model.reset()  # a stream begins anew, so that every pass sees the same values
    for example in examples:
        model.set_stored_input(np.asarray(example[None], np.float32))
        model.invoke()
        for tensor in tensors:
            yield tensor.name, model.tensor(tensor.index)
