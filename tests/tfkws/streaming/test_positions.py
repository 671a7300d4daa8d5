"""Positions in time, against a search by brute force over which input each output reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.streaming.positions import Kernel, TimeAxis, kept_by, latest, pad, same_padding, slide

KERNELS = st.builds(
    Kernel,
    size=st.integers(1, 9),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    padded=st.integers(0, 12),
)


def outputs_ready(available: int, kernel: Kernel) -> int:
    """The first output whose last input is not among those below `available`."""
    index = -100
    while index * kernel.stride - kernel.padded + (kernel.size - 1) * kernel.dilation < available:
        index += 1
    return index


@given(KERNELS, st.integers(-5, 20), st.integers(1, 3))
def test_a_step_gives_every_output_that_its_inputs_allow(kernel: Kernel, delay: int, new_outputs: int) -> None:
    before = TimeAxis(0, 1, 50, delay)
    after = slide(before, kernel, 50)
    for step in (0, 1, 7):
        available = (step + 1) * new_outputs * kernel.stride - delay
        assert outputs_ready(available, kernel) == (step + 1) * new_outputs - after.delay


@given(KERNELS, st.integers(-5, 20))
def test_kept_indices_begin_with_the_first_one_that_is_read(kernel: Kernel, delay: int) -> None:
    before = TimeAxis(0, 1, 50, delay)
    after = slide(before, kernel, 50)
    first_output = 4 - after.delay  # of step 4, one output a step
    first_read = first_output * kernel.stride - kernel.padded
    first_new = 4 * kernel.stride - delay
    assert kept_by(before, kernel, after) == first_new - first_read


@pytest.mark.parametrize(("length", "stride", "kernel"), [(98, 2, 9), (49, 2, 3), (32, 1, 5), (32, 4, 1), (7, 2, 2)])
def test_same_padding_is_tensorflows(length: int, stride: int, kernel: int) -> None:
    import keras
    import numpy as np

    layer = keras.layers.Conv1D(1, kernel, stride, padding="same", kernel_initializer="ones", use_bias=False)
    places = np.arange(1, length + 1, dtype=np.float32)
    sums = np.asarray(layer(places[None, :, None]))[0, :, 0]
    made = same_padding(length, len(sums), Kernel(kernel, stride))
    padded = np.concatenate([np.zeros(made.padded), places, np.zeros(kernel + stride)])
    expected = [padded[i * stride : i * stride + kernel].sum() for i in range(len(sums))]
    np.testing.assert_allclose(sums, expected)
    assert made.pads == (kernel > stride or length % stride != 0 and kernel > length % stride)


def test_padding_in_front_moves_the_numbering_and_looks_back() -> None:
    assert pad(TimeAxis(1, 2, 10, delay=3, back=4), zeros=2, length=14) == TimeAxis(1, 2, 14, delay=1, back=8)


def test_merged_maps_wait_for_the_latest() -> None:
    early, late = TimeAxis(1, 1, 8, delay=0, back=9), TimeAxis(1, 1, 8, delay=5, back=5)
    assert latest([early, late]) == TimeAxis(1, 1, 8, delay=5, back=9)
