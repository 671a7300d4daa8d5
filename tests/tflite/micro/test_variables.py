"""States as variables: the same answers as with states handed on, from one beginning."""

import numpy as np
import pytest
from streaming_files import steps, streaming_file

from tfkws.tflite.micro.variables import states_inside
from tfkws.tflite.runtime.model import open_model


@pytest.mark.parametrize("recipe", ["int8", "int16x8", "none"])
def test_answers_are_those_of_states_that_are_handed_on(recipe: str) -> None:
    file = streaming_file(recipe)
    inside = states_inside(file)
    inputs = steps(60, 3)
    expected = open_model(file, kernels="builtin", load_check=False).predict(inputs)
    found = open_model(inside, kernels="builtin", load_check=False).predict(inputs)
    np.testing.assert_array_equal(found, expected)
    assert expected.std() > 0.01


def test_nothing_but_the_first_input_and_output_is_left_to_hand_over() -> None:
    file = streaming_file("int8")
    graph = states_inside(file).graph
    assert (graph.input.name, graph.output.name) == (file.graph.input.name, file.graph.output.name)
    assert len(graph.inputs) == len(graph.outputs) == 1
    states = len(file.graph.inputs) - 1
    kinds = [op.opcode for op in graph.ops]
    assert kinds[0] == "CALL_ONCE" and graph.ops[0].subgraphs == (1,)
    for kind in ("VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"):
        assert kinds.count(kind) == states
    assert [op.opcode for op in graph.others[0].ops] == ["VAR_HANDLE", "ASSIGN_VARIABLE"] * states


def test_the_same_file_gives_the_same_bytes() -> None:
    assert states_inside(streaming_file("int8")) == states_inside(streaming_file("int8"))
