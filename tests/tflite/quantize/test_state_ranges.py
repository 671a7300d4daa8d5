"""Ranges of what a state passes through, on a graph written by hand."""

from dataclasses import replace

import pytest
from streaming_files import network, streaming_file

from tfkws.errors import ConversionError
from tfkws.graphs.tflite_graph import TfliteGraph, TfliteOp, TfliteTensor
from tfkws.tflite.convert.stream_to_tflite import convert_stream
from tfkws.tflite.quantize.state_ranges import check_states, with_input_range, with_state_ranges
from tfkws.tflite.recipes import RECIPES

NAMES = ("frames", "state", "padded", "joined", "renewed", "answer", "axes")


def graph() -> TfliteGraph:
    """frames, padded, are joined to the state; the end of that renews it, and its mean is the answer."""
    tensors = tuple(TfliteTensor(i, name, (1, 4), "float32", name == "axes", 16) for i, name in enumerate(NAMES))
    ops = (
        TfliteOp(0, "PAD", (0, 6), (2,)),
        TfliteOp(1, "CONCATENATION", (1, 2), (3,)),
        TfliteOp(2, "STRIDED_SLICE", (3, 6), (4,)),
        TfliteOp(3, "MEAN", (3, 6), (5,)),
    )
    return TfliteGraph(ops, tensors, (0, 1), (5, 4))


def test_all_that_is_moved_gets_the_widest_range_and_the_rest_keeps_its_own() -> None:
    measured = {"frames": (-1.0, 2.0), "state": (0.0, 1.0), "padded": (-1.0, 1.5), "joined": (-3.0, 1.0),
                "renewed": (-1.0, 1.0), "answer": (-9.0, 9.0)}  # fmt: skip
    moved = dict.fromkeys(("frames", "state", "padded", "joined", "renewed"), (-3.0, 2.0))
    assert with_state_ranges(graph(), measured) == measured | moved


def test_a_network_without_states_keeps_all_its_ranges() -> None:
    measured = {"joined": (-3.0, 1.0), "state": (0.0, 1.0), "padded": (-1.0, 1.5)}
    assert with_state_ranges(replace(graph(), inputs=(0,), outputs=(5,)), measured) == measured


def test_a_state_that_comes_out_on_another_grid_is_refused() -> None:
    check_states(streaming_file("int8").graph)
    check_states(convert_stream(network(), RECIPES["none"]).graph)
    made = streaming_file("int8").graph
    coarse = replace(made.tensors[made.outputs[3]], scales=(1.0,))
    tensors = tuple(coarse if tensor.index == coarse.index else tensor for tensor in made.tensors)
    with pytest.raises(ConversionError, match="state_sum_0 would be rounded again at every step"):
        check_states(replace(made, tensors=tensors))


def test_a_fixed_range_of_the_input_holds_for_all_that_moves_it_and_nothing_else() -> None:
    measured = {"frames": (0.0, 24.0), "state": (0.0, 27.0), "padded": (0.0, 24.0), "joined": (0.0, 27.0),
                "renewed": (0.0, 1.0), "answer": (-9.0, 9.0)}  # fmt: skip
    fixed = dict.fromkeys(("frames", "state", "padded", "joined", "renewed"), (0.0, 26.0))
    assert with_input_range(graph(), measured, (0.0, 26.0)) == measured | fixed
    assert with_input_range(graph(), measured, None) == measured
    alone = replace(graph(), ops=graph().ops[3:])
    assert with_input_range(alone, measured, (0.0, 26.0)) == measured | {"frames": (0.0, 26.0)}
