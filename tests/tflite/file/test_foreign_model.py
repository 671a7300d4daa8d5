"""A file made elsewhere takes what a front end gives and answers with probabilities, as its own runtime would."""

import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf  # noqa: TID253
from odd_files import odd_file

from tfkws.config import FeatureConfig, ForeignModel
from tfkws.errors import ModelError, TfkwsError
from tfkws.tflite.file.foreign_model import adapted, keeps_state
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.latency_model.operator_shapes import file_shapes
from tfkws.tflite.runtime.model import open_model

ROWS, FRAMES, LABELS = 6, 12, ("yes", "no", "_unknown_")
FEATURES = FeatureConfig(
    "mine", "log_mel", 64, 32, 64, bands=ROWS, rows=ROWS, frames=FRAMES, centred=False, time_first=True
)
WEIGHTS = np.random.default_rng(1).normal(size=(ROWS * FRAMES, 3)).astype(np.float32)
TOLD = ForeignModel(LABELS, FEATURES)


def converted(function: Callable[[Any], Any], *shape: int | None) -> TfliteFile:
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec(shape))
    return TfliteFile(tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert())


def logits_of(flat: Any) -> Any:
    return tf.reshape(flat, (1, ROWS * FRAMES)) @ tf.constant(WEIGHTS)


def softmax(values: np.ndarray) -> np.ndarray:
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


@pytest.fixture
def maps() -> np.ndarray:
    return np.random.default_rng(2).normal(size=(4, FRAMES, ROWS, 1)).astype(np.float32)


def answers(file: TfliteFile, told: ForeignModel, maps: np.ndarray) -> np.ndarray:
    model = open_model(adapted(file, told))
    assert model.input_shape == told.input_shape
    return model.predict(maps)


@pytest.mark.parametrize(
    "shape",
    [
        (1, FRAMES, ROWS, 1),
        (1, FRAMES, ROWS),
        (FRAMES, ROWS),
        (1, FRAMES * ROWS),
        (1, 1, FRAMES, ROWS),
        (None, FRAMES, ROWS),
    ],
)
def test_shapes_of_a_map(shape: tuple[int | None, ...], maps: np.ndarray) -> None:
    file = converted(lambda x: tf.nn.softmax(logits_of(x)), *shape)
    np.testing.assert_allclose(answers(file, TOLD, maps), softmax(maps.reshape(4, -1) @ WEIGHTS), atol=1e-5)


def test_an_open_time_axis_becomes_that_of_the_front_end(maps: np.ndarray) -> None:
    weights = tf.constant(WEIGHTS[:ROWS])
    file = converted(lambda x: tf.nn.softmax(tf.reduce_mean(x, 1) @ weights), 1, None, ROWS)
    expected = softmax(maps[..., 0].mean(axis=1) @ WEIGHTS[:ROWS])
    np.testing.assert_allclose(answers(file, TOLD, maps), expected, atol=1e-5)


def test_rows_and_frames_are_exchanged_where_the_file_has_them_so(maps: np.ndarray) -> None:
    file = converted(lambda x: tf.nn.softmax(logits_of(x)), 1, ROWS, FRAMES, 1)
    expected = softmax(maps.transpose(0, 2, 1, 3).reshape(4, -1) @ WEIGHTS)
    np.testing.assert_allclose(answers(file, TOLD, maps), expected, atol=1e-5)


def test_scale_offset_and_logits(maps: np.ndarray) -> None:
    file = converted(logits_of, 1, FRAMES, ROWS, 1)
    told = ForeignModel(LABELS, FEATURES, scale=0.5, offset=-2.0, logits=True)
    expected = softmax((0.5 * maps - 2).reshape(4, -1) @ WEIGHTS)
    np.testing.assert_allclose(answers(file, told, maps), expected, atol=1e-5)


def test_audio_in_samples_of_sixteen_bits() -> None:
    weights = np.random.default_rng(3).normal(size=(16_000, 3)).astype(np.float32) / 1e5
    file = converted(lambda x: tf.nn.softmax(tf.reshape(x, (1, -1)) @ tf.constant(weights)), 16_000, 1)
    audio = np.random.default_rng(4).uniform(-1, 1, (2, 16_000)).astype(np.float32)
    told = ForeignModel(LABELS, FEATURES, takes_audio=True, scale=32_768)
    np.testing.assert_allclose(answers(file, told, audio), softmax(32_768 * audio @ weights), atol=1e-4)


@pytest.mark.parametrize("logits", [False, True])
def test_one_output_is_the_probability_of_the_second_class(logits: bool, maps: np.ndarray) -> None:
    def answer(x: Any) -> Any:
        single = logits_of(x)[:, :1]
        return single if logits else tf.sigmoid(single)

    told = ForeignModel(("_other_", "yes"), FEATURES, logits=logits)
    found = answers(converted(answer, 1, FRAMES, ROWS, 1), told, maps)
    probability = 1 / (1 + np.exp(-(maps.reshape(4, -1) @ WEIGHTS)[:, 0]))
    np.testing.assert_allclose(found, np.stack([1 - probability, probability], axis=1), atol=1e-5)


@pytest.mark.parametrize("name", ["int8", "uint8_edges", "int16"])
def test_integers_at_the_edges(name: str, maps: np.ndarray) -> None:
    """Their own scales hold; a shape of three axes instead of four is all that differs."""
    file = TfliteFile(odd_file(name))
    found, plain = answers(file, TOLD, maps), open_model(file)
    np.testing.assert_allclose(found, plain.predict(maps[..., 0]), atol=1e-6)


def test_integers_without_a_scale_take_the_numbers_that_are_told() -> None:
    told = ForeignModel(tuple(f"class{i}" for i in range(ROWS * FRAMES)), FEATURES, scale=10.0, offset=1.0)
    maps = np.round(np.random.default_rng(5).uniform(-5, 5, (2, FRAMES, ROWS, 1)), 1).astype(np.float32)
    found = answers(TfliteFile(odd_file("no_quantisation")), told, maps)
    np.testing.assert_allclose(found, np.round(10 * maps + 1).reshape(2, -1), atol=1e-6)


def test_a_file_that_fits_stays_as_it_is() -> None:
    file = converted(lambda x: tf.nn.softmax(logits_of(x)), 1, FRAMES, ROWS, 1)
    assert adapted(file, TOLD) is file


def test_further_outputs_are_left_out(maps: np.ndarray) -> None:
    found = answers(TfliteFile(odd_file("two_outputs")), TOLD, maps)
    assert found.shape == (4, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


WHOLE_WINDOWS = (
    "gru", "lstm", "lstm_unrolled", "bidirectional", "attention", "dynamic_range", "float16", "hybrid", "signature",
    "two_signatures", "dynamic_batch", "dynamic_time",
)  # fmt: skip


@pytest.mark.parametrize("name", WHOLE_WINDOWS)
def test_the_zoo_answers_maps(name: str, maps: np.ndarray) -> None:
    file = TfliteFile(odd_file(name))
    found = answers(file, TOLD, maps)
    assert found.shape == (4, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-4)
    assert len({*map(tuple, found.tolist())}) == 4  # it hears them


@pytest.mark.parametrize(
    ("name", "told", "sentence"),
    [
        ("two_inputs", TOLD, r"has 2 inputs \('inputs_0' \(1, 12, 6\), 'inputs_1' \(1, 1\)\)"),
        ("front_end", TOLD, "takes 1x400, and front end mine gives 12x6x1; choose the front end"),
        ("front_end", ForeignModel(LABELS, FEATURES, takes_audio=True), "samples of audio gives 16000"),
        ("gru", ForeignModel(("yes", "no"), FEATURES), r"answers 1x3 of float32, and 2 labels are told \(yes, no\)"),
        ("hash_table", TOLD, "takes 2, and front end mine"),
        ("scalars", TOLD, "has 2 inputs"),
    ],
)
def test_what_does_not_fit_is_one_sentence(name: str, told: ForeignModel, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence) as raised:
        adapted(TfliteFile(odd_file(name)), told)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "keeps"), [("streaming", True), ("fused_lstm", True), ("svdf", True), ("gru", False), ("int8", False)]
)
def test_state(name: str, keeps: bool) -> None:
    assert keeps_state(TfliteFile(odd_file(name)).graph) is keeps


def test_damaged_files_of_any_kind_are_refused_with_a_sentence_or_read() -> None:
    """Parsing, contents, counts, sizes for a latency model and the change itself."""
    draw, refused = random.Random(5), 0
    for name in ("gru", "streaming", "int8", "two_signatures", "if", "sparse", "fused_lstm"):
        for _ in range(100):
            content = bytearray(odd_file(name))
            for _ in range(draw.choice((1, 4, 16))):
                content[draw.randrange(len(content))] = draw.choice((0, 1, 127, 255, draw.randrange(256)))
            file = TfliteFile(bytes(content))
            try:
                json.dumps(file.contents.to_dict())
                file_shapes(file)
                adapted(file, ForeignModel(LABELS, FEATURES, scale=2.0, logits=True))
            except TfkwsError as error:
                refused += 1
                assert "\n" not in str(error)
    assert 0 < refused < 700
