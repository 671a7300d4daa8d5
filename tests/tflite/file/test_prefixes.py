"""First operators as models of their own: their answers are those that the whole model has inside."""

from collections.abc import Callable

import numpy as np
import pytest
from odd_files import odd_file

from tfkws.tflite.file.prefixes import prefix, prefix_ends
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs


def answers(content: bytes, names: list[str] | None = None) -> dict[str, np.ndarray]:
    """Run once on noise; values of the outputs, or of tensors, by name."""
    made = build_interpreter("model", content, 1, "builtin", "litert", keep_tensors=names is not None, outlets=0)
    fill_inputs(made)
    made.invoke()
    details = made.get_output_details() if names is None else made.get_tensor_details()
    return {d["name"]: made.get_tensor(d["index"]) for d in details if names is None or d["name"] in names}


@pytest.mark.parametrize("recipe", ["none", "int8", "float16"])
def test_every_prefix_answers_what_the_whole_has_inside(converted: Callable[[str], TfliteFile], recipe: str) -> None:
    file = converted(recipe)
    ends = prefix_ends(file.graph, 64)
    assert ends[-1] == len(file.graph.ops) - 1
    for end in ends:
        found = answers(prefix(file, end))
        expected = answers(file.content, list(found))
        assert file.graph.written(file.graph.ops[end]).name in found
        for name, values in found.items():
            np.testing.assert_array_equal(values, expected[name])


@pytest.mark.parametrize("name", ["two_inputs", "float16"])
def test_branches_that_are_not_joined_yet_are_outputs_too(name: str) -> None:
    file = TfliteFile(odd_file(name))
    for count, end in enumerate(prefix_ends(file.graph, 64), 1):
        cut = TfliteFile(prefix(file, end)).graph
        assert len(cut.computing_ops()) == count  # none was left out as dead
        read = {tensor for op in cut.ops for tensor in op.inputs}
        dangling = [i for op in cut.computing_ops() for i in op.outputs if i not in read and i not in cut.outputs]
        assert (dangling, set(cut.inputs) - read) == ([], set())


def test_a_long_network_is_cut_evenly_and_at_its_end() -> None:
    ends = prefix_ends(TfliteFile(chain(200)).graph, 64)
    assert (len(ends), ends[-1]) == (64, 199)
    assert set(np.diff(ends)) == {3, 4}
