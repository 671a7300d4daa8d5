from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.quantize.ranges import least_error_range, measure_ranges, squared_error, without_outermost

NORMAL = np.random.default_rng(4).normal(size=200_000)
LAPLACE = np.random.default_rng(5).laplace(size=200_000)


def histogram(values: Any, bins: Any = 2_048) -> Any:
    counts, edges = np.histogram(values, bins)
    return counts.astype(float), (edges[:-1] + edges[1:]) / 2


def true_error(values: Any, low: Any, high: Any, steps: Any = 255) -> Any:
    """Mean squared error of storing and restoring, by doing it."""
    step = (high - low) / steps
    stored = np.clip(np.round((values - low) / step), 0, steps)
    return np.square(low + stored * step - values).mean()


def test_smallest_and_largest_of_every_value_are_measured(
    converted: Callable[[str], TfliteFile], tiny_model: Any, maps: np.ndarray
) -> None:
    import keras

    ranges = measure_ranges(converted("none"), maps, "minmax")
    inner = keras.Model(tiny_model.inputs, tiny_model.get_layer("unit1_conv_relu").output)(maps)
    pooled = keras.Model(tiny_model.inputs, tiny_model.get_layer("head_pool").output)(maps)
    found = sorted(high for _, high in ranges.values())
    for expected in (maps.max(), float(np.max(inner)), float(np.max(pooled))):
        assert min(abs(high - expected) for high in found) < 1e-5
    assert all(low <= 0 <= high for low, high in ranges.values())


def test_an_outlier_is_left_out(converted: Callable[[str], TfliteFile], maps: np.ndarray) -> None:
    """One of 24,576 values is less than 0.01 %."""
    loud = np.tile(maps, (8, 1, 1, 1))
    loud[0, 0, 0, 0] = 40.0
    widest = measure_ranges(converted("none"), loud, "minmax")
    name = next(name for name, (_, high) in widest.items() if high == 40)
    assert measure_ranges(converted("none"), loud, "percentile")[name][1] < 5


def test_percentile_leaves_out_the_stated_share() -> None:
    low, high = without_outermost(*histogram(NORMAL))
    np.testing.assert_allclose([low, high], np.quantile(NORMAL, [1e-4, 1 - 1e-4]), atol=0.01)


def test_error_in_a_histogram_is_that_of_storing_the_values() -> None:
    counts, centres = histogram(NORMAL, 20_000)
    for low, high in ((-5, 5), (-3, 3), (-1.5, 2.5)):
        expected = true_error(NORMAL, low, high)
        assert squared_error(counts, centres, low, high) / len(NORMAL) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("values", [NORMAL, np.maximum(NORMAL, 0), LAPLACE], ids=["normal", "relu", "laplace"])
def test_least_error_range_beats_all_others_of_a_grid(values: Any) -> None:
    low, high = least_error_range(*histogram(values))
    ours = true_error(values, low, high)
    grid = [true_error(values, a * values.min(), b * values.max()) for a in np.linspace(0.1, 1, 19)
            for b in np.linspace(0.1, 1, 19) if a * values.min() < b * values.max()]  # fmt: skip
    assert ours <= 1.02 * min(grid)


def test_more_steps_clip_less() -> None:
    counts, edges = histogram(LAPLACE)
    widths = [float(np.ptp(np.array(least_error_range(counts, edges, steps=steps)))) for steps in (15, 255, 65_535)]
    assert widths[0] < 0.8 * widths[1]
    assert widths[2] == pytest.approx(np.ptp(LAPLACE), rel=0.01)


def test_a_value_that_never_changes_has_a_range() -> None:
    assert least_error_range(*histogram(np.zeros(10)))[0] <= 0 <= least_error_range(*histogram(np.zeros(10)))[1]


@pytest.mark.parametrize("rule", ["minmax", "percentile", "mse"])
def test_a_value_that_is_always_zero_leaves_a_file_that_runs(rule: Any, rng: np.random.Generator) -> None:
    """A layer whose filters have all died: XNNPACK refuses the factor to the narrowest range."""
    from dataclasses import replace

    import keras

    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import get_recipe
    from tfkws.tflite.runtime.model import open_model

    inputs = keras.Input((8, 8, 1))
    dead = keras.layers.Conv2D(2, 3, activation="relu", bias_initializer=keras.initializers.Constant(-100.0))(inputs)
    alive = keras.layers.Conv2D(2, 3, activation="relu")(dead)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(alive)))
    examples = rng.normal(size=(8, 8, 8, 1)).astype(np.float32)
    content = convert(model, replace(get_recipe("int8"), ranges=rule), examples)
    answers = open_model(content).predict(examples)
    np.testing.assert_allclose(answers, np.tile(answers[:1], (8, 1)))
