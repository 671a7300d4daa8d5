"""The three implementations agree: NumPy, Keras layer, TFLite graph."""

import subprocess
import sys
from pathlib import Path

import keras  # noqa: TID253
import numpy as np
import pytest

from tfkws.config import FeatureConfig
from tfkws.errors import ShapeTooSmallError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.layer import FrontEnd
from tfkws.features.numpy_front_end import extract, fit_normalisation

SPECTRAL = {name: config for name, config in FRONT_ENDS.items() if config.kind != "micro"}  # micro/test_layer.py
EACH = pytest.mark.parametrize("config", SPECTRAL.values(), ids=SPECTRAL)
TOLERANCE = 1e-4


def as_model(config: FeatureConfig) -> keras.Model:
    audio = keras.Input((16_000,))
    return keras.Model(audio, FrontEnd(config, name="front_end")(audio))


def as_float(clips: np.ndarray) -> np.ndarray:
    return clips.astype(np.float32) / 32768


@EACH
def test_layer_agrees_with_numpy(config: FeatureConfig, clips: np.ndarray) -> None:
    config = fit_normalisation(clips[:5], config)
    model = as_model(config)
    assert model.output_shape == (None, *config.input_shape)
    maps = np.asarray(model(as_float(clips)))
    np.testing.assert_allclose(maps[..., 0], extract(clips, config), atol=TOLERANCE)


@EACH
def test_tflite_graph_agrees_and_has_builtin_operators_only(config: FeatureConfig, clips: np.ndarray) -> None:
    tensorflow = pytest.importorskip("tensorflow")
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(as_model(config))
    converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS]
    interpreter = litert.Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    for clip in clips:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], as_float(clip)[None])
        interpreter.invoke()
        maps = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        np.testing.assert_allclose(maps[0, ..., 0], extract(clip, config), atol=TOLERANCE)


@pytest.mark.real_data
@EACH
def test_layer_agrees_on_real_clips(config: FeatureConfig, real_clips: np.ndarray) -> None:
    config = fit_normalisation(real_clips, config)
    maps = np.asarray(FrontEnd(config)(as_float(real_clips)))
    np.testing.assert_allclose(maps[..., 0], extract(real_clips, config), atol=TOLERANCE)


def test_saved_layer_is_the_same(tmp_path: Path, clips: np.ndarray) -> None:
    model = as_model(fit_normalisation(clips[:5], FRONT_ENDS["mfcc-49x10"]))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert again.get_layer("front_end").config == model.get_layer("front_end").config
    assert not again.trainable_weights
    np.testing.assert_array_equal(np.asarray(again(as_float(clips))), np.asarray(model(as_float(clips))))


def test_too_short_audio_is_refused() -> None:
    with pytest.raises(ShapeTooSmallError, match="at least 480 samples"):
        FrontEnd(FRONT_ENDS["logmel-40x98"])(keras.Input((400,)))


@pytest.mark.slow
def test_layer_agrees_under_jax() -> None:
    pytest.importorskip("jax")
    code = """
from tfkws import lean_imports
lean_imports.install()
import numpy, keras
from tfkws.features.layer import FrontEnd
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.numpy_front_end import extract
audio = numpy.random.default_rng(0).normal(0, 0.1, (3, 16000)).astype("float32")
for config in FRONT_ENDS.values():
    if config.kind == "micro":
        continue
    print(abs(numpy.asarray(FrontEnd(config)(audio))[..., 0] - extract(audio, config)).max())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"KERAS_BACKEND": "jax"}
    )
    assert len(done.stdout.split()) == len(SPECTRAL)
    assert all(float(error) < TOLERANCE for error in done.stdout.split())
