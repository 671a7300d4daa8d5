"""Files made elsewhere answer clips: as their own runtime would, from the start of each clip."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from odd_files import odd_file

from tfkws.config import FeatureConfig, ForeignModel
from tfkws.errors import ModelError
from tfkws.pipeline.parts.foreign_detector import open_foreign

LABELS = ("yes", "no", "_unknown_")
FEATURES = FeatureConfig("mine", "log_mel", 480, 320, 512, bands=6, rows=6, frames=12, centred=False, time_first=True)
TOLD = ForeignModel(LABELS, FEATURES)


@pytest.fixture
def maps() -> np.ndarray:
    return np.random.default_rng(6).normal(size=(5, 12, 6, 1)).astype(np.float32)


def write(name: str, folder: Path) -> Path:
    path = folder / f"{name}.tflite"
    path.write_bytes(odd_file(name))
    return path


def run(name: str, inputs: list[np.ndarray]) -> np.ndarray:
    """Feed a fresh interpreter one input after the other; the last answer."""
    interpreter: Any = Interpreter(model_content=odd_file(name), num_threads=1)
    interpreter.allocate_tensors()
    for one in inputs:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], one)
        interpreter.invoke()
    return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))[0]


def test_whole_windows(maps: np.ndarray, tmp_path: Path) -> None:
    detector = open_foreign(write("gru", tmp_path), TOLD)
    assert (detector.form, detector.stem, detector.folder, detector.task) == ("tflite", "gru", tmp_path, None)
    expected = np.stack([run("gru", [each[None, ..., 0]]) for each in maps])
    np.testing.assert_allclose(detector.predict(maps), expected, atol=1e-6)


@pytest.mark.parametrize("time_first", [True, False])
def test_a_stream_hears_each_clip_frame_by_frame_from_its_start(
    time_first: bool, maps: np.ndarray, tmp_path: Path
) -> None:
    told = replace(TOLD, features=replace(FEATURES, time_first=time_first))
    detector = open_foreign(write("streaming", tmp_path), told)
    expected = np.stack([run("streaming", [frame.reshape(1, 1, 6) for frame in each]) for each in maps])
    given = maps if time_first else maps.transpose(0, 2, 1, 3)
    np.testing.assert_allclose(detector.predict(given), expected, atol=1e-6)
    np.testing.assert_allclose(detector.predict(given[::-1]), expected[::-1], atol=1e-6)


def test_classes_in_another_order_are_put_in_order(maps: np.ndarray, tmp_path: Path) -> None:
    detector = open_foreign(write("gru", tmp_path), TOLD)
    ordered = detector.in_order(("no", "_unknown_", "yes"))
    assert ordered.labels == ("no", "_unknown_", "yes")
    np.testing.assert_array_equal(ordered.predict(maps), detector.predict(maps)[:, [1, 2, 0]])
    assert detector.in_order(("no", "left", "yes")) is detector


def test_answers_that_are_no_probabilities_are_refused(maps: np.ndarray, tmp_path: Path) -> None:
    told = ForeignModel(tuple(f"class{i}" for i in range(72)), FEATURES)
    detector = open_foreign(write("no_quantisation", tmp_path), told)
    with pytest.raises(ModelError, match="which are no probabilities; if they are logits, add --logits"):
        detector.predict(10 * maps)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    bundle = tmp_path / "a.kws"
    bundle.write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="--labels and --features are for .tflite and .keras files"):
        open_foreign(bundle, TOLD)
