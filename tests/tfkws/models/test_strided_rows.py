"""A convolution strided over rows alone, against plain NumPy."""

import numpy as np
import pytest

from tfkws.models.strided_rows import StridedRowsDepthwiseConv2D


@pytest.mark.parametrize("rows", [1, 2, 5, 8, 13])
def test_strided_rows_is_a_strided_convolution(rows: int) -> None:
    rng = np.random.default_rng(rows)
    inputs = rng.normal(size=(2, rows, 3, 4)).astype(np.float32)
    layer = StridedRowsDepthwiseConv2D()
    outputs = np.asarray(layer(inputs))
    kernel = np.asarray(layer.kernel)[:, 0, :, 0]
    padded = np.pad(inputs, ((0, 0), (1, 2), (0, 0), (0, 0)))
    expected = [sum(kernel[k] * padded[:, 2 * i + k] for k in range(3)) for i in range((rows + 1) // 2)]
    np.testing.assert_allclose(outputs, np.stack(expected, axis=1), atol=1e-6)
    assert layer.compute_output_shape(inputs.shape) == outputs.shape


def test_both_parts_together_have_the_weights_once() -> None:
    layer = StridedRowsDepthwiseConv2D()
    layer(np.zeros((1, 6, 2, 5), np.float32))
    assert [tuple(weight.shape) for weight in layer.weights] == [(3, 1, 5, 1)]
    (_, around), (_, at) = layer.row_parts(np.zeros((1, 6, 2, 5), np.float32))
    assert around.shape[0] + at.shape[0] == 3


def test_an_unknown_number_of_rows_stays_unknown() -> None:
    assert StridedRowsDepthwiseConv2D().compute_output_shape((None, None, 4, 2)) == (None, None, 4, 2)
