"""The integer formulas against convolutions carried out step by step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfkws.cost.formulas import conv2d_fpops_eq1, conv2d_macs, dense_macs, depthwise_conv2d_macs, same_size

small = st.integers(1, 4)


@settings(deadline=None)
@given(small, small, small, small, small, st.sampled_from([1, 2]))
def test_conv2d_counts_every_multiplication(
    height: int, width: int, kernel_height: int, kernel_width: int, filters: int, groups: int
) -> None:
    channels, filters, multiplications = 2 * groups, filters * groups, 0
    for _ in np.ndindex(height, width, filters):
        for _ in np.ndindex(kernel_height, kernel_width, channels // groups):
            multiplications += 1
    assert conv2d_macs((height, width), (kernel_height, kernel_width), channels, filters, groups) == multiplications


@settings(deadline=None)
@given(small, small, small)
def test_equation_1_adds_one_operation_a_channel_and_output_value(kernel: int, channels: int, filters: int) -> None:
    sizes = ((3, 5), (kernel, kernel), channels, filters)
    assert conv2d_fpops_eq1(*sizes) == 2 * conv2d_macs(*sizes) + 3 * 5 * channels * filters


def test_a_depthwise_filter_sees_one_channel() -> None:
    assert depthwise_conv2d_macs((25, 5), (3, 3), 64) == 25 * 5 * 9 * 64


def test_a_dense_layer_multiplies_a_matrix_by_each_row() -> None:
    assert dense_macs(512, 4096) == 512 * 4096
    assert dense_macs(10, 3, rows=7) == 210


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("stride", range(1, 5))
def test_same_padding_has_an_output_for_every_stride(size: int, stride: int) -> None:
    assert same_size(size, stride) == len(range(0, size, stride))
