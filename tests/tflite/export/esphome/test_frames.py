"""The input as frames: no operator moves them, and the answers stay."""

import numpy as np
import pytest
from micro_bundles import micro_bundle

from tfkws.errors import ConversionError
from tfkws.tflite.export.esphome.frames import frames_first
from tfkws.tflite.runtime.model import open_model


def inputs(frames: int) -> np.ndarray:
    return np.random.default_rng(frames).integers(-128, 60, (25, 40, frames, 1)).astype(np.int8)


def answers_stay(name: str, step_ms: float, frames: int) -> None:
    file = micro_bundle(name, step_ms).model
    assert file.graph.input.shape == (1, 40, frames, 1)
    made = frames_first(file, time_first=False)
    assert made.graph.input.shape == (1, frames, 40)
    stored = inputs(frames)
    expected = open_model(file, kernels="builtin", load_check=False).answer_stored(stored)
    turned = np.ascontiguousarray(stored[..., 0].transpose(0, 2, 1))
    found = open_model(made, kernels="builtin", load_check=False).answer_stored(turned)
    np.testing.assert_array_equal(found, expected)
    return


def test_a_transposition_behind_the_input_is_left_out() -> None:
    answers_stay("mixednet", 20.0, 3)
    made = frames_first(micro_bundle().model, time_first=False)
    assert not any(op.opcode == "TRANSPOSE" for op in made.graph.ops)


def test_one_frame_at_a_time_needs_no_transposition() -> None:
    answers_stay("bc_resnet_1", 10.0, 1)


def test_a_picture_of_several_frames_is_refused() -> None:
    with pytest.raises(ConversionError, match="Layer stem_conv takes rows and frames as a picture"):
        frames_first(micro_bundle("bc_resnet_1").model, time_first=False)
