"""Files in TensorFlow Lite Micro's own interpreter, beside LiteRT's answers."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from small_networks import small_network
from streaming_files import steps, streaming_file

from tfkws.errors import ConversionError, RuntimeUnavailableError
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro import interpreter
from tfkws.tflite.micro.interpreter import run_on_micro
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.runtime.native_output import capture_native_output

needs_package = pytest.mark.skipif(
    find_spec(interpreter.PACKAGE) is None,
    reason="tflite-micro is not installed: pip install 'tfkws[micro]'",
)


def int8_file(family: str) -> TfliteFile:
    network = small_network(family)
    maps = np.random.default_rng(0).normal(size=(8, *network.input_shape[1:])).astype(np.float32)
    return compacted(convert(network, RECIPES["int8"], maps))


@needs_package
@pytest.mark.parametrize("family", ["seed_cnn", "ds_cnn", "bc_resnet", "tc_resnet", "matchboxnet"])
def test_int8_answers_are_those_of_litert_within_two_steps(family: str) -> None:
    file = int8_file(family)
    model = open_model(file)
    maps = np.random.default_rng(1).normal(size=(6, *model.input_shape)).astype(np.float32)
    stored = model.input_quantization.store(maps)
    run = run_on_micro(file, stored[:, None])
    ours = model.answer_stored(stored)
    assert run.outputs.shape == (6, 1, 4) and run.outputs.dtype == np.int8
    assert np.abs(run.outputs[:, 0].astype(int) - ours.astype(int)).max() <= 2
    assert 0 < run.maps_bytes + run.structures_bytes <= run.arena_bytes


@needs_package
def test_a_stream_is_answered_step_by_step() -> None:
    file = streaming_file("int8")
    model = open_model(file)
    stored = model.input_quantization.store(steps(20))
    model.reset()
    ours = model.answer_stored(stored)
    run = run_on_micro(compacted(file), stored[:, None])
    assert np.abs(run.outputs[:, 0].astype(int) - ours.astype(int)).max() <= 2


@needs_package
def test_what_an_operator_refuses_is_told_with_its_layer() -> None:
    """Weights in half precision, which it does not unpack."""
    network = small_network("ds_cnn")
    with pytest.raises(ConversionError, match=r"refuses DEQUANTIZE of layer '.+' \(.*"):
        run_on_micro(compacted(convert(network, RECIPES["float16"])))


@needs_package
def test_a_damaged_file_ends_the_child_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = int8_file("seed_cnn")
    monkeypatch.setattr(interpreter, "check_for_micro", lambda *_: None)
    broken = replace(sound, content=sound.content[:200])
    object.__setattr__(broken, "graph", sound.graph)
    with pytest.raises(ConversionError, match="TensorFlow Lite Micro (crashed|refuses)"):
        run_on_micro(broken)


@needs_package
def test_a_size_that_is_left_open_is_refused() -> None:
    """Planned as one value, the map would be written over what lies behind it: answers would be off, in silence."""
    import keras
    import tensorflow as tf

    inputs = keras.Input((None, 8, 1))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, name="first")(inputs))
    network = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    with capture_native_output():
        content = tf.lite.TFLiteConverter.from_keras_model(network).convert()
    with pytest.raises(ConversionError, match="leaves the size of what layer '.*' writes open"):
        run_on_micro(compacted(TfliteFile(content)))


def test_without_the_package_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailableError, match=r"pip install 'tfkws\[micro\]'"):
        run_on_micro(int8_file("seed_cnn"))
