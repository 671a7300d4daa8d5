"""Every counting rule against an implementation that counts its own multiplications."""

from collections.abc import Iterator
from itertools import product

import pytest
from odd_files import odd_file

from tfkws.cost import count
from tfkws.cost.formulas import rfft_macs
from tfkws.cost.tflite_rules import RULES, Operands, operands_of
from tfkws.graphs.tflite_parser import parse_tflite

Shape = tuple[int, ...]


def points(*sizes: int) -> Iterator[Shape]:
    return product(*map(range, sizes))


def macs(opcode: str, inputs: tuple[Shape, ...], output: Shape, **options: object) -> int:
    return RULES[opcode](Operands(inputs, output, (), options))[0]


@pytest.mark.parametrize("batch", [1, 3])
def test_convolution(batch: int) -> None:
    output, kernel = (batch, 3, 2, 4), (4, 3, 3, 5)
    counted = sum(1 for _ in points(*output) for _ in points(*kernel[1:]))
    assert macs("CONV_2D", ((batch, 3, 2, 5), kernel), output) == counted


def test_grouped_convolution_reads_its_group() -> None:
    assert macs("CONV_2D", ((1, 3, 2, 6), (4, 3, 3, 3)), (1, 3, 2, 4)) == 3 * 2 * 4 * 3 * 3 * 3


@pytest.mark.parametrize("batch", [1, 2])
def test_depthwise_convolution(batch: int) -> None:
    counted = sum(1 for _ in points(batch, 3, 2, 6) for _ in points(3, 3))
    assert macs("DEPTHWISE_CONV_2D", ((batch, 3, 2, 3), (1, 3, 3, 6)), (batch, 3, 2, 6)) == counted


def test_transposed_convolution_scatters_every_input_point() -> None:
    source, kernel = (2, 3, 4, 5), (6, 2, 2, 5)
    counted = sum(1 for _ in points(*source) for _ in points(*kernel[:3]))
    assert macs("TRANSPOSE_CONV", ((4,), kernel, source), (2, 6, 8, 6)) == counted


def test_convolutions_of_three_axes() -> None:
    kernel, output = (2, 3, 3, 4, 5), (1, 4, 3, 2, 5)
    counted = sum(1 for _ in points(*output) for _ in points(*kernel[:4]))
    assert macs("CONV_3D", ((1, 5, 5, 4, 4), kernel), output) == counted
    source, transposed = (1, 2, 2, 2, 4), (2, 3, 3, 5, 4)
    scattered = sum(1 for _ in points(*source) for _ in points(*transposed[:4]))
    assert macs("CONV_3D_TRANSPOSE", ((5,), transposed, source), (1, 3, 4, 4, 5)) == scattered


def test_dense_layer_of_several_rows() -> None:
    assert macs("FULLY_CONNECTED", ((2, 7, 5), (3, 5)), (2, 7, 3)) == sum(1 for _ in points(2, 7, 3, 5))


@pytest.mark.parametrize(
    ("first", "second", "options"),
    [
        ((2, 3, 4), (2, 4, 5), {}),
        ((2, 4, 3), (2, 4, 5), {"adj_x": True}),
        ((2, 3, 4), (2, 5, 4), {"adj_y": True}),
        ((1, 3, 4), (2, 4, 5), {}),
    ],
)
def test_product_of_matrices(first: Shape, second: Shape, options: dict[str, bool]) -> None:
    assert macs("BATCH_MATMUL", (first, second), (2, 3, 5), **options) == sum(1 for _ in points(2, 3, 5, 4))


def test_general_product_sums_over_the_named_axes() -> None:
    options = {"lhs_contracting_dimensions": (1, 2)}
    assert macs("STABLEHLO_DOT_GENERAL", ((3, 4, 5), (4, 5, 6)), (3, 6), **options) == 3 * 6 * 4 * 5


def test_general_convolution_by_its_named_axes() -> None:
    options = {"kernel_output_feature_dimension": 0}
    assert macs("STABLEHLO_CONVOLUTION", ((1, 5, 7, 7), (4, 5, 3, 3)), (1, 4, 5, 5), **options) == 4 * 25 * 5 * 9


def multiplications_of_lstm(steps: int, inputs: int, units: int, gates: int = 4) -> int:
    """Run the products of an LSTM value by value: each gate reads the frame and the hidden state."""
    counted = 0
    for _ in range(steps):
        for _gate in range(gates):
            for _unit in range(units):
                counted += sum(1 for _ in range(inputs)) + sum(1 for _ in range(units))
    return counted


def test_fused_lstm() -> None:
    assert count(odd_file("fused_lstm")).macs == multiplications_of_lstm(12, 6, 4)


def test_converted_lstm_is_the_fused_one_and_its_dense_layer() -> None:
    assert count(odd_file("lstm")).macs == multiplications_of_lstm(12, 6, 4) + 4 * 3
    assert count(odd_file("bidirectional")).macs == 2 * multiplications_of_lstm(12, 6, 4) + 8 * 3


def test_gru_has_three_gates() -> None:
    assert count(odd_file("gru")).macs == multiplications_of_lstm(12, 6, 4, gates=3) + 4 * 3


@pytest.mark.parametrize(("name", "gates"), [("gru_unrolled", 3), ("lstm_unrolled", 4)])
def test_unrolled_loops_lose_the_products_with_the_first_state_of_zeros(name: str, gates: int) -> None:
    folded = gates * 4 * 4
    assert count(odd_file(name)).macs == multiplications_of_lstm(12, 6, 4, gates) - folded + 4 * 3


def test_fused_rnn_and_svdf() -> None:
    assert count(odd_file("fused_rnn")).macs == 12 * sum(1 for _ in points(4, 6)) + 12 * sum(1 for _ in points(4, 4))
    assert count(odd_file("svdf")).macs == sum(1 for _ in points(8, 6)) + sum(1 for _ in points(8, 10))


def test_lstm_with_projection_and_shared_input_gate_counts_its_matrices() -> None:
    matrices = ((8, 6), (8, 6), (8, 6), (8, 3), (8, 3), (8, 3), (3, 8))  # three gates, state of 3 values
    counted = RULES["LSTM"](Operands(((2, 6),), (2, 3), matrices))[0]
    assert counted == 2 * (3 * (8 * 6 + 8 * 3) + 3 * 8)


def test_fourier_transforms_of_one_and_two_axes() -> None:
    assert macs("RFFT2D", ((11, 1, 64), (2,)), (11, 1, 33)) == 11 * rfft_macs(64)
    columns = 33 * 8 // 2 * 3 * 4  # 33 columns of 8 points: 4 butterflies in each of 3 stages, 4 products each
    assert macs("RFFT2D", ((8, 64), (2,)), (8, 33)) == rfft_macs(64, 8) + columns


def test_sparse_lookup_weighs_each_row_once() -> None:
    shapes: tuple[Shape, ...] = ((5,), (5, 2), (2,), (5,), (100, 16))
    assert macs("EMBEDDING_LOOKUP_SPARSE", shapes, (3, 16)) == 5 * 16


def test_operands_are_the_shapes_of_the_file() -> None:
    graph = parse_tflite(odd_file("fused_lstm"))
    operands = operands_of(graph.ops[0], graph)
    assert operands.inputs[0] == (1, 12, 6)
    assert operands.inputs[9] == ()  # no peepholes
    assert operands.matrices == ((4, 6),) * 4 + ((4, 4),) * 4
    assert operands.output == (1, 12, 4)
