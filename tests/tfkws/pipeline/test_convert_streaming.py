"""`convert --streaming` on a model folder with clips made of noise."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import ConversionSettings
from tfkws.data.task_data import TaskData
from tfkws.errors import ConfigError, ConversionError, ParityError, StreamingError
from tfkws.models.saving import save_model
from tfkws.pipeline.bundle import bundle_folder, verify_bundle
from tfkws.pipeline.convert import convert_folder
from tfkws.pipeline.parts.detector import open_detector
from tfkws.tflite.convert.stream_recording import RecordedSplit
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.streaming import open_streaming
from tfkws.training.model_folder import ModelFolder
from tfkws.views.conversion import converted_tables

SETTINGS = ConversionSettings(streaming=True, calibration_clips=5, gate_points=100)


def read(path: Path) -> Any:
    return json.loads(path.read_text())


@pytest.mark.parametrize("recipe", ["none", "int8"])
def test_it_stands_beside_the_windows_file_and_says_how_it_differs(
    recipe: str, model_folder: ModelFolder, data: TaskData
) -> None:
    path = convert_folder(model_folder, recipe, SETTINGS, data=data)
    assert path.name == f"{recipe}-streaming.tflite"
    metadata = TfliteFile.read(path).metadata
    assert metadata is not None and metadata.streaming is not None
    assert (metadata.streaming.frames_per_step, metadata.detector.hop_ms) == (2, 64.0)
    parity = read(model_folder.path / f"{recipe}-streaming.parity.json")
    stream = parity["stream"]
    assert (stream["step_ms"], stream["delay_ms"], stream["padded_layers"]) == (64.0, 32.0, ["unit1_conv"])
    assert {split: each["clips"] for split, each in stream["splits"].items()} == {"validation": 30, "testing": 9}
    assert stream["splits"]["validation"]["recording_s"] == 45
    assert 0 < stream["splits"]["validation"]["mean_difference"] < 0.1
    assert all(answer["accepted"] and answer["max_difference"] < 0.01 for answer in parity["runtimes"])
    tables = converted_tables(path.stem, parity, read(model_folder.path / f"{recipe}-streaming.recipe.json"))
    shown = [table for table in tables if table.title == "Against the sliding window, on whole recordings"]
    assert len(shown) == 1 and "One answer every 64 ms, that of the window which ended 32 ms ago" in shown[0].note


def test_it_goes_into_a_bundle(model_folder: ModelFolder, data: TaskData) -> None:
    with pytest.raises(ConversionError, match="--quantize int8 --streaming` first"):
        bundle_folder(model_folder, "int8-streaming")
    convert_folder(model_folder, "int8", SETTINGS, data=data)
    bundle, check = verify_bundle(bundle_folder(model_folder, "int8-streaming"))
    assert check.passed
    assert open_streaming(bundle.model, load_check=False).frames_per_step == 2


def test_it_is_evaluated_on_clips_each_a_stream_of_its_own(model_folder: ModelFolder, data: TaskData) -> None:
    path = convert_folder(model_folder, "none", SETTINGS, data=data)
    clips = data.splits["testing"]
    answers = open_detector(path).answer(clips)
    assert answers.shape == (9, 3)
    np.testing.assert_allclose(answers, open_detector(model_folder.path).answer(clips), atol=0.05)


def test_what_hears_less_than_the_sliding_window_is_kept_aside(
    model_folder: ModelFolder, data: TaskData, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = RecordedSplit.differences

    def deaf(*arguments: Any) -> Any:
        made = measured(*arguments)
        return replace(made, words_heard=(20, 3), difference=-0.6, difference_interval=(-0.7, -0.5))

    monkeypatch.setattr(RecordedSplit, "differences", deaf)
    with pytest.raises(
        ParityError, match=r"hears 3 of 20 words where the sliding window hears 20 .*none-streaming\.rej"
    ):
        convert_folder(model_folder, "none", replace(SETTINGS, gate_points=0.5), data=data)
    assert (model_folder.path / "none-streaming.rejected.tflite").is_file()
    assert not (model_folder.path / "none-streaming.tflite").exists()


def test_a_network_that_cannot_stream_is_refused_before_anything_is_written(
    model_folder: ModelFolder, data: TaskData
) -> None:
    from tfkws.models import build_model

    save_model(build_model("mobilenetv2_0_35", (32, 32, 1), 3), model_folder.weights)
    before = sorted(path.name for path in model_folder.path.iterdir())
    with pytest.raises(StreamingError, match="a step of 32 frames is as long as its window"):
        convert_folder(model_folder, "none", SETTINGS, data=data)
    assert sorted(path.name for path in model_folder.path.iterdir()) == before


def test_a_streaming_file_takes_features() -> None:
    with pytest.raises(ConfigError, match="input must be features for a streaming file"):
        ConversionSettings(input="audio", streaming=True)
