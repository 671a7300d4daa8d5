"""microWakeWord's front end as a Keras layer: floating point beside the fixed-point one."""

import keras  # noqa: TID253
import numpy as np
import pytest

from tfkws.features.front_ends import FRONT_ENDS
from tfkws.features.layer import FrontEnd
from tfkws.features.numpy_front_end import extract

CONFIG = FRONT_ENDS["micro-40x98"]


def maps_of(clips: np.ndarray) -> np.ndarray:
    return np.asarray(FrontEnd(CONFIG)(clips.astype(np.float32) / 32768))[..., 0]


@pytest.mark.real_data
def test_layer_is_near_the_fixed_point_front_end_on_real_clips(real_clips: np.ndarray) -> None:
    """Where a loud voice drowns a band in the fixed-point transform's rounding, floating point hears less."""
    expected = extract(real_clips, CONFIG)
    error = np.abs(maps_of(real_clips) - expected)
    assert error.mean() < 0.1 and np.quantile(error, 0.9) < 0.1 and np.mean(error > 0.5) < 0.04
    assert np.corrcoef(maps_of(real_clips).ravel(), expected.ravel())[0, 1] > 0.99


def test_layer_is_the_fixed_point_front_end_where_all_bands_are_loud() -> None:
    noise = np.random.default_rng(0).normal(0, 3_000, (3, 16_000)).astype(np.int16)
    error = np.abs(maps_of(noise) - extract(noise, CONFIG))
    assert error.mean() < 0.05 and np.quantile(error, 0.99) < 0.9


def test_silence_is_zero() -> None:
    assert not maps_of(np.zeros((1, 16_000), np.int16)).any()


def test_tflite_graph_has_builtin_operators_only_and_agrees_with_the_layer(clips: np.ndarray) -> None:
    tensorflow = pytest.importorskip("tensorflow")
    litert = pytest.importorskip("ai_edge_litert.interpreter")
    audio = keras.Input((16_000,))
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(keras.Model(audio, FrontEnd(CONFIG)(audio)))
    converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS]
    interpreter = litert.Interpreter(model_content=converter.convert())
    interpreter.allocate_tensors()
    for clip in clips[:3]:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], clip.astype(np.float32)[None] / 32768)
        interpreter.invoke()
        maps = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        assert np.quantile(np.abs(maps[..., 0] - maps_of(clip[None])), 0.99) < 0.05
