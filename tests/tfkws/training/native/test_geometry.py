"""Where convolutions read: windows against TensorFlow's own shapes, offsets against a search through all positions."""

from typing import Literal

import keras  # noqa: TID253
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tfkws.training.native.geometry import runs, window_of
from tfkws.training.native.maps import Map, Margins, Shape

sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
small = st.tuples(st.integers(1, 4), st.integers(1, 4))
steps = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=60, deadline=None)
@given(size=sizes, kernel=small, stride=steps, padding=st.sampled_from(["same", "valid"]))
def test_outputs_and_margins_reach_just_as_far_as_the_kernel(
    size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int], padding: Literal["same", "valid"]
) -> None:
    if padding == "valid" and (kernel[0] > size[0] or kernel[1] > size[1]):
        return
    read = Shape(2, *size)
    window, out = window_of(read, kernel, stride, (1, 1), padding)
    layer = keras.layers.Conv2D(1, kernel, stride, padding)
    assert out == layer.compute_output_shape((1, *size, 2))[1:3]
    margins = window.input_margins(read, Shape(1, *out))
    for axis, (before, after) in enumerate(((margins.above, margins.below), (margins.left, margins.right))):
        reached = [o * stride[axis] + k - window.before[axis] for o in range(out[axis]) for k in range(kernel[axis])]
        assert before == max(0, -min(reached))
        assert after == max(0, max(reached) - size[axis] + 1)
        for first in range(min(stride[axis], size[axis])):
            for k, output in window.shifts(axis, first):
                assert output * stride[axis] + k - window.before[axis] == first


@settings(max_examples=60, deadline=None)
@given(counts=st.tuples(st.integers(1, 4), st.integers(1, 4)), stride=steps, margin=st.integers(0, 2))
def test_runs_pair_every_position_once(counts: tuple[int, int], stride: tuple[int, int], margin: int) -> None:
    clips = 3
    one = Map(Shape(1, counts[0] * stride[0], counts[1] * stride[1]), clips, Margins(right=margin))
    other = Map(Shape(1, *counts), clips)
    found = runs(one, other, (stride, (1, 1)), ((0, 0), (0, 0)), counts)
    pairs = {(x + i, y + i) for x, y in found.places.tolist() for i in range(found.length)}
    wanted = {
        (row * stride[0] * one.row_pitch + column * stride[1] * clips + clip, (row * counts[1] + column) * clips + clip)
        for row, column, clip in np.ndindex(*counts, clips)
    }
    assert pairs == wanted
    assert len(found.places) * found.length == len(wanted)


def test_a_map_without_gaps_is_one_run() -> None:
    one, other = Map(Shape(1, 4, 5), 2), Map(Shape(1, 4, 5), 2)
    assert runs(one, other, ((1, 1), (1, 1)), ((0, 0), (0, 0)), (4, 5)).length == 40
