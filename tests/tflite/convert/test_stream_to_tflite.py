"""A network on a stream as a file: names, order and form of its inputs and outputs."""

from dataclasses import asdict

import pytest
from streaming_files import network, steps, streaming_file

from tfkws.errors import TfliteFileError
from tfkws.graphs.tflite_graph import TfliteTensor
from tfkws.tflite.convert.stream_to_tflite import convert_stream, stream_config
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.load_check import check_that_it_loads
from tfkws.tflite.runtime.model import open_model


def form(tensor: TfliteTensor) -> tuple[object, ...]:
    return tensor.shape, tensor.dtype, tensor.scales, tensor.zero_points


@pytest.mark.parametrize("recipe", ["none", "float16", "int8"])
def test_every_state_goes_in_and_comes_out_alike_and_in_order(recipe: str) -> None:
    graph = streaming_file(recipe).graph
    taken, given = ([graph.tensors[i] for i in side[1:]] for side in (graph.inputs, graph.outputs))
    assert [tensor.name for tensor in taken] == [f"state_{state.name}" for state in network().states]
    assert [tensor.shape[1:] for tensor in taken] == [state.shape for state in network().states]
    assert list(map(form, taken)) == list(map(form, given))
    assert not any("VAR_HANDLE" in op.opcode for op in graph.ops)


def test_the_file_is_int8_throughout() -> None:
    contents = streaming_file("int8").contents
    assert (contents.scheme, contents.input_dtype, contents.output_dtype) == ("int8", "int8", "int8")
    assert set(contents.activation_dtypes) == {"int8"}
    assert "QUANTIZE" not in contents.operators  # nothing on the way of a state is rounded a second time


def test_a_file_says_how_it_takes_a_stream() -> None:
    metadata = streaming_file("int8").metadata
    assert metadata is not None and metadata.streaming == stream_config(network())
    assert asdict(metadata.streaming) == {
        "frames_per_step": 2, "delay_frames": 5, "settling_frames": 29, "states": 4, "equals_window": False,
    }  # fmt: skip
    assert metadata.input_shape == (8, 2, 1)


def test_metadata_with_another_number_of_states_are_refused() -> None:
    metadata = streaming_file("none").metadata
    assert metadata is not None
    two_states = asdict(stream_config(network())) | {"states": 2}
    wrong = type(metadata).from_dict(metadata.to_dict() | {"streaming": two_states})
    with pytest.raises(TfliteFileError, match="keeps 4 states and is said to keep 2"):
        convert_stream(network(), RECIPES["none"]).with_metadata(wrong)


def test_a_foreign_process_loads_it() -> None:
    check_that_it_loads("it", streaming_file("int8").content)
    assert open_model(streaming_file("int8"), load_check=False).predict(steps(3)).shape == (3, 3)
