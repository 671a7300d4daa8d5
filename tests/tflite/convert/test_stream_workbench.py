"""Streaming conversions on a workbench: calibrated on steps of recordings, compared with the sliding window."""

from types import SimpleNamespace
from typing import Any, cast

import keras
import numpy as np
import pytest

from tfkws.data.clip_set import ClipSet
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import StreamingFrontEnd
from tfkws.tflite.convert.stream_workbench import StreamWorkbench, network_of_step
from tfkws.tflite.recipes import RECIPES

FEATURES = FRONT_ENDS["mfcc-49x10"]
LABELS = ("_other_", "happy")
COUNTS = {"training": 6, "validation": 9}


def clips(split: str) -> ClipSet:
    """Tones of two pitches in noise, by label."""
    count, rng = COUNTS[split], np.random.default_rng(5)
    labels, time = np.arange(count) % 2, np.arange(16_000) / 16_000
    tones = np.sin(2 * np.pi * np.where(labels, 400, 2_500)[:, None] * time) * np.hanning(16_000)
    audio = (6_000 * tones + 60 * rng.normal(size=tones.shape)).astype(np.int16)
    files = tuple(f"yes/{split}{i}_nohash_0.wav" for i in range(count))
    return ClipSet(audio, labels, files, tuple(f"speaker{i}" for i in range(count)))


@pytest.fixture
def bench() -> StreamWorkbench:
    keras.utils.set_random_seed(2)
    inputs = keras.Input(FEATURES.input_shape)
    x = keras.layers.Conv2D(6, (5, 3), (2, 2), "valid", activation="relu", name="conv")(inputs)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dense(2, name="logits", kernel_initializer=keras.initializers.RandomNormal(0, 0.1))(x)
    network = keras.Model(inputs, keras.layers.Softmax(name="probabilities")(x), name="small")
    config = SimpleNamespace(features=FEATURES, labels=LABELS)
    folder = SimpleNamespace(load_keras=lambda: network, config=config)
    data = SimpleNamespace(splits={split: clips(split) for split in COUNTS})
    return StreamWorkbench(cast(Any, folder), cast(Any, data), 4, 0, lambda stage: None, step_ms=20)


def test_without_padding_the_float_file_says_what_the_sliding_window_says(bench: StreamWorkbench) -> None:
    candidate = bench.candidate(RECIPES["none"])
    split = bench.split("validation")
    assert bench.streaming.equals_window
    np.testing.assert_allclose(split.stream(candidate.file), split.sliding, atol=1e-4)
    assert np.ptp(split.sliding[:, 1]) > 0.01
    assert (candidate.report.agreement, candidate.report.difference) == (1.0, 0.0)
    differences = split.differences(candidate.file, candidate.answers, split.thresholds(candidate.answers))
    assert differences.mean_difference < 1e-4
    assert differences.words_heard[0] == differences.words_heard[1]
    assert (differences.clips, differences.words) == (9, 4)


def test_int8_is_calibrated_on_the_steps_of_clips_that_follow_each_other(bench: StreamWorkbench) -> None:
    steps = bench.inputs_of(bench.draw)
    assert steps.shape == (4 * 50 // 2 - 1, 2, 10, 1)
    frames = StreamingFrontEnd(FEATURES).feed(np.concatenate(list(bench.draw.audio)))
    np.testing.assert_array_equal(steps.reshape(-1, 10), frames[: len(steps) * 2])
    candidate = bench.candidate(RECIPES["int8"])
    split = bench.split("validation")
    assert np.abs(split.stream(candidate.file) - split.sliding).max() < 0.05
    assert {error.opcode for error in candidate.errors} >= {"CONV_2D", "MEAN"}
    assert min(error.snr_db for error in candidate.errors if error.opcode == "CONV_2D") > 20


@pytest.mark.parametrize(("step_ms", "frames"), [(1, 2), (40, 2), (41, 4), (100, 6)])
def test_a_step_is_the_fewest_strides_that_last_long_enough(
    bench: StreamWorkbench, step_ms: float, frames: int
) -> None:
    assert network_of_step(bench.model, FEATURES, step_ms).plan.frames_per_step == frames
