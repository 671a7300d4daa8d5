"""Sizes of operators: by hand, from a file, and before there is one."""

from collections.abc import Callable

import numpy as np
import pytest
from odd_files import ODD_FILES, odd_file

from tfkws.cost.tflite import count_graph
from tfkws.errors import BenchmarkError
from tfkws.models.conv_units import ConvUnit
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, file_shapes, seed_cnn_shapes


@pytest.mark.parametrize("recipe", ["none", "int8"])
def test_operators_are_known_before_there_is_a_file(recipe: str) -> None:
    """The closed form against a converted network whose weights are nowhere zero, as after training."""
    from tfkws.models.conv_units import decode_units
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.latency_model.probes import Probe, build_probe
    from tfkws.tflite.recipes import RECIPES

    convs, shape, classes = "4x10,7 1x1,5 3x3,6 1x1,4", (12, 9, 1), 3
    model = build_probe(Probe("p", "seed_cnn", shape, classes, {"convs": convs}))
    maps = np.random.default_rng(0).normal(size=(4, *shape)).astype(np.float32)
    content = convert(model, RECIPES[recipe], maps)
    assert file_shapes(content) == seed_cnn_shapes(decode_units(convs), shape, classes, recipe)


def test_a_file_by_hand(converted: Callable[[str], TfliteFile]) -> None:
    """8 x 6 input, four 3 x 3 filters, average, dense 4 to 3; int8 values, int32 offsets."""
    shapes = {shape.kind: shape for shape in file_shapes(converted("int8"))}
    points, kernel = 8 * 6, 3 * 3
    assert shapes["CONV_2D"] == OperatorShape(
        "CONV_2D", points * kernel * 4, 1, 4, points * kernel, points + kernel * 4 + 4 * 4 + points * 4
    )
    assert (shapes["MEAN"].work, shapes["MEAN"].outputs) == (points * 4, 4)
    assert (shapes["FULLY_CONNECTED"].work, shapes["FULLY_CONNECTED"].inputs) == (4 * 3, 4)


@pytest.mark.parametrize("name", [name for name in ODD_FILES if name != "no_operators"])
def test_any_file_is_described(name: str) -> None:
    """Operators without inputs or outputs, of any rank; the products are those that are counted."""
    file = TfliteFile(odd_file(name))
    shapes = file_shapes(file)
    assert [shape.kind.partition(" ")[0] for shape in shapes] == [op.opcode for op in file.graph.ops]
    products = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}
    for shape, row in zip(shapes, count_graph(file.graph).rows, strict=True):
        assert shape.kind.partition(" ")[0] not in products or shape.work == row.macs


def test_a_plain_matrix_product_is_a_kind_of_its_own() -> None:
    units = (ConvUnit(1, 1, 5), ConvUnit(1, 1, 5, 2, 2), ConvUnit(3, 3, 5))
    kinds = [shape.kind for shape in seed_cnn_shapes(units, (8, 6, 1), 3, "none")]
    assert kinds == ["CONV_2D 1x1", "CONV_2D", "CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]


def test_recipes_of_mixed_types_are_refused() -> None:
    with pytest.raises(BenchmarkError, match="known before conversion for .*none.* Received dynamic"):
        seed_cnn_shapes((ConvUnit(1, 1, 5),), (8, 6, 1), 3, "dynamic")
