"""The workbench: what conversions share is made once, and each is compared with the Keras model."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import keras
import numpy as np
import pytest

from tfkws.data.clip_set import ClipSet
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract
from tfkws.tflite.convert.workbench import Workbench
from tfkws.tflite.recipes import RECIPES

FEATURES = FRONT_ENDS["logmel-32x32"]
COUNTS = {"training": 6, "validation": 9}


def clips(split: str) -> ClipSet:
    count = COUNTS[split]
    audio = np.random.default_rng(count).integers(-9000, 9000, (count, 16_000)).astype(np.int16)
    files = tuple(f"yes/{split}{i}_nohash_0.wav" for i in range(count))
    return ClipSet(audio, np.arange(count) % 3, files, tuple(f"speaker{i}" for i in range(count)))


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(2)
    inputs = keras.Input(FEATURES.input_shape)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(3, 3, strides=4, activation="relu")(inputs))
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x), name="small")


@pytest.fixture
def make_bench(network: keras.Model) -> Callable[[list[str]], Workbench]:
    """Make a workbench that notes its stages in a list."""
    config = SimpleNamespace(features=FEATURES)
    folder = SimpleNamespace(load_keras=lambda: network, config=config)
    data = SimpleNamespace(splits={split: clips(split) for split in COUNTS})
    return lambda stages: Workbench(cast(Any, folder), cast(Any, data), 4, 0, stages.append)


def test_a_split_holds_what_keras_answers(make_bench: Callable[[list[str]], Workbench], network: keras.Model) -> None:
    bench = make_bench([])
    split = bench.split("validation")
    maps = extract(np.asarray(split.clips.audio), FEATURES)[..., None]
    np.testing.assert_allclose(split.reference, np.asarray(network(maps, training=False)), atol=1e-5)
    assert bench.split("validation") is split


def test_candidates_are_compared_and_ranges_are_measured_once(make_bench: Callable[[list[str]], Workbench]) -> None:
    stages: list[str] = []
    bench = make_bench(stages)
    made = [bench.candidate(RECIPES[name]) for name in ("none", "int8", "int16x8")]
    assert sum("Measuring ranges on 4 training clips" in stage for stage in stages) == 1
    assert made[0].file is bench.float_file
    assert [bool(candidate.errors) for candidate in made] == [False, True, True]
    reference = bench.split("validation").reference
    for candidate in made:
        expected = float(np.abs(candidate.answers - reference).max())
        assert candidate.report.max_output_error == pytest.approx(expected)
    assert made[0].report.max_output_error < 1e-5 < made[1].report.max_output_error
    assert set(bench.draw.files) <= set(clips("training").files)
