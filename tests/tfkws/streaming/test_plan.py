"""Plans of networks of the zoo, against delays that are summed by hand from kernels."""

import keras
import pytest

from tfkws.errors import StreamingError
from tfkws.graphs.keras import read_graph
from tfkws.models import build_model
from tfkws.streaming.plan import StreamPlan, plan_stream


def plan(name: str, shape: tuple[int, int, int], axis: int, answers_per_step: int = 1) -> StreamPlan:
    return plan_stream(read_graph(build_model(name, shape, 2)), axis, answers_per_step)


def test_matchboxnet_looks_half_of_all_its_kernels_ahead_and_back() -> None:
    found = plan("matchboxnet_3x1x64", (40, 98, 1), 1)
    half = (10 + 12 + 14 + 16 + 2 * 28) // 2  # kernels 11, 13, 15, 17, and 29 dilated by 2
    assert (found.frames_per_step, found.delay_frames, found.settling_frames) == (1, half, 98 + 2 * half)
    assert len(found.padded_layers) == 5


def test_kws10_answers_every_second_frame() -> None:
    found = plan("kws10", (40, 32, 1), 1)
    # 3x3 of stride 2 ("same" of 32 puts its one zero behind: 1 ahead), then 3x3, 5x5 and 3x3 at stride 2: 2 + 4 + 2.
    assert (found.frames_per_step, found.delay_frames) == (2, 1 + 8)
    assert found.settling_frames == 32 + 9 + 8
    assert found.input_shape == (40, 2, 1)


def test_several_answers_worth_of_frames_make_one_longer_step() -> None:
    one, four = (plan("mlperf_ds_cnn", (49, 10, 1), 0, count) for count in (1, 4))
    assert (one.frames_per_step, four.frames_per_step) == (2, 8)
    assert (one.input_shape, four.input_shape) == ((2, 10, 1), (8, 10, 1))
    assert one.delay_frames == four.delay_frames


def test_a_step_as_long_as_the_window_is_refused() -> None:
    with pytest.raises(StreamingError, match="a step of 32 frames is as long as its window of 32"):
        plan("mobilenetv2_0_35", (32, 32, 1), 1)


def test_a_window_that_the_stride_leaves_unread_at_its_end_is_refused() -> None:
    with pytest.raises(StreamingError, match="leaves the last 1 of its window of 108 unread; .* 107 or 110 frames"):
        plan("mixednet", (40, 108, 1), axis=1)
    assert [plan("mixednet", (40, frames, 1), axis=1).delay_frames for frames in (107, 110)] == [0, 0]


def test_poolings_of_different_windows_are_refused() -> None:
    inputs = keras.Input((4, 12, 1))
    early = keras.layers.GlobalAveragePooling2D(name="early")(inputs)
    late = keras.layers.Conv2D(2, (1, 5), padding="same", name="conv")(inputs)
    late = keras.layers.GlobalAveragePooling2D(name="late")(late)
    model = keras.Model(inputs, keras.layers.Concatenate(name="both")([early, late]))
    with pytest.raises(StreamingError, match="late .* would answer for another window"):
        plan_stream(read_graph(model), 1)
