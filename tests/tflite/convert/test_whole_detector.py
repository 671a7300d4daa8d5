"""Raw audio in, probabilities out: the joined file against the NumPy front end with the network behind it."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import DetectorConfig, ModelConfig, TaskConfig
from tfkws.errors import ConversionError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import fit_normalisation, to_float
from tfkws.graphs.tflite_parser import BUILTIN_OPERATORS
from tfkws.pipeline.bundle import verify_bundle
from tfkws.tflite.bundle.archive import read_bundle, write_bundle
from tfkws.tflite.bundle.golden_vectors import feature_maps
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.convert.runtime_agreement import compare_runtimes
from tfkws.tflite.convert.whole_detector import front_end_file, join, whole_detector
from tfkws.tflite.file.metadata import FileMetadata
from tfkws.tflite.file.tflite_file import tflite_file
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model

LABELS = ("yes", "no", "_unknown_")


@pytest.fixture(scope="module")
def audio() -> Any:
    rng = np.random.default_rng(8)
    loudness = np.geomspace(30, 9_000, 24)[:, None]
    return (rng.normal(size=(24, 16_000)) * loudness * np.sin(np.linspace(0, 9, 16_000))).astype(np.int16)


@pytest.fixture(scope="module")
def features(audio: Any) -> Any:
    return fit_normalisation(audio, FRONT_ENDS["mfcc-49x10"])


@pytest.fixture(scope="module")
def network(features: Any) -> Any:
    import keras

    keras.utils.set_random_seed(1)
    inputs = keras.Input(features.input_shape)
    x = keras.layers.Conv2D(4, 3, strides=4, activation="relu")(inputs)
    x = keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(x))
    return keras.Model(inputs, x, name="small")


@pytest.fixture(scope="module")
def about(features: Any) -> Any:
    return FileMetadata(
        LABELS, "audio", features, TaskConfig("commands", ("yes", "no")), ModelConfig("small"), DetectorConfig(),
        RECIPES["int8"], False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def files(network: Any, features: Any, audio: Any) -> Any:
    """(features file, audio file) by recipe."""

    @cache
    def made(recipe: Any) -> Any:
        content = convert(network, RECIPES[recipe], feature_maps(audio, features))
        return content, whole_detector(content, features)

    return made


@pytest.mark.parametrize("recipe", RECIPES)
def test_runs_everywhere_on_builtin_operators(recipe: Any, files: Any, audio: Any) -> None:
    content = files(recipe)[1]
    assert set(tflite_file(content).contents.operators) <= BUILTIN_OPERATORS
    answers = compare_runtimes(content, to_float(audio[:3]))
    assert all(answer.accepted for answer in answers), [answer.reason for answer in answers]
    assert all(answer.max_difference is not None and answer.max_difference < 0.01 for answer in answers)


def test_float_file_answers_as_numpy_front_end_and_keras(files: Any, network: Any, features: Any, audio: Any) -> None:
    answers = open_model(files("none")[1], load_check=False).predict(to_float(audio))
    reference = np.asarray(network.predict_on_batch(feature_maps(audio, features)))
    assert reference.std(axis=0).max() > 0.02  # the clips are told apart
    np.testing.assert_allclose(answers, reference, atol=1e-4)


@pytest.mark.parametrize("recipe", ["int8", "int16x8"])
def test_the_network_inside_is_the_converted_network(recipe: Any, files: Any) -> None:
    """Same operators, scales and constants, so that what was measured on the features file holds."""
    alone, joined = files(recipe)
    first, second = alone.graph, joined.graph
    tail = second.ops[-len(first.ops) :]
    for ours, theirs in zip(first.ops, tail, strict=True):
        assert (ours.opcode, ours.options) == (theirs.opcode, theirs.options)
        for a, b in zip((*ours.inputs, *ours.outputs), (*theirs.inputs, *theirs.outputs), strict=True):
            mine, its = first.tensors[a], second.tensors[b]
            assert (mine.shape, mine.dtype, mine.scales, mine.zero_points) == (
                its.shape, its.dtype, its.scales, its.zero_points,
            )  # fmt: skip
            assert alone.content[slice(*mine.data_range)] == joined.content[slice(*its.data_range)]


def test_int8_input_is_that_of_the_features_file_to_one_step(files: Any, features: Any, audio: Any) -> None:
    alone, joined = files("int8")
    model = open_model(joined, kernels="builtin", load_check=False, keep_tensors=True)
    bridge = next(op for op in model.graph.ops if op.opcode == "QUANTIZE")
    expected = open_model(alone, load_check=False).input_quantization.store(feature_maps(audio, features))
    for clip, stored in zip(to_float(audio), expected, strict=True):
        model.set_stored_input(clip[None])
        model.invoke()
        assert np.abs(model.tensor(bridge.outputs[0])[0].astype(int) - stored.astype(int)).max() <= 1


def test_contents_name_network_and_front_end_apart(files: Any) -> None:
    assert files("int8")[1].contents.scheme == "float32 front end, int8 network"
    assert files("none")[1].contents.scheme == "float32 front end, float32 network"
    assert files("int8")[0].contents.scheme == "int8"


def test_macs_are_those_of_the_network_and_of_the_front_end(files: Any, features: Any) -> None:
    bins = features.fft_length // 2 + 1
    transform = features.frames * features.fft_length * 9
    front_end = transform + features.frames * (bins * features.bands + features.bands * features.rows)
    alone, joined = files("none")
    assert tflite_file(joined).contents.macs == tflite_file(alone).contents.macs + front_end


def test_metadata_say_that_it_takes_audio(files: Any, about: Any) -> None:
    content = files("int8")[1].with_metadata(about)
    assert tflite_file(content).metadata == about
    assert open_model(content, load_check=False).takes_audio


def test_a_bundle_of_it_is_sound(files: Any, features: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.kws"
    write_bundle(path, files("int8")[1], features, LABELS, DetectorConfig(), {})
    assert verify_bundle(path)[1].passed
    assert read_bundle(path).golden.features.shape == (3, *features.input_shape)


@pytest.mark.slow
def test_five_hundred_mutated_detectors_never_end_this_process(files: Any, about: Any, mutate: Any) -> None:
    content = files("int8")[1].with_metadata(about)
    assert min(mutate(content, 500, seed=5).values()) > 20


def test_same_input_gives_the_same_bytes(files: Any, features: Any) -> None:
    assert whole_detector(files("int8")[0], features) == files("int8")[1]


def test_another_front_end_is_refused(files: Any) -> None:
    with pytest.raises(ConversionError, match=r"gives maps of shape \(32, 32, 1\) and the network takes \(49, 10, 1\)"):
        join(front_end_file(FRONT_ENDS["logmel-32x32"]), files("none")[0])
