"""The child's own arithmetic; what it answers is tested with the interpreter."""

import numpy as np
import pytest
from streaming_files import streaming_file

from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.small_models import chain
from tfkws.tflite.micro.child import ALIGNMENT, answers, opened, smallest_arena

runtime = pytest.importorskip(
    "tflite_micro", reason="tflite-micro is not installed: pip install 'tfkws[micro]'"
).runtime


@pytest.mark.parametrize("kind", ["chain", "stream"])
def test_no_arena_below_the_smallest_is_enough(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    model = chain(5) if kind == "chain" else compacted(streaming_file("int8")).content
    smallest = smallest_arena(model)
    assert smallest % ALIGNMENT == 0
    opened(model, smallest)
    with pytest.raises(RuntimeError):
        opened(model, smallest - 2 * ALIGNMENT)
    capfd.readouterr()  # the interpreter says why


def test_states_are_handed_on_and_begin_at_zero() -> None:
    model = compacted(streaming_file("none")).content
    interpreter = opened(model, 1 << 20)
    states = 0
    while True:
        try:
            interpreter.get_input_details(states + 1)
        except IndexError:
            break
        states += 1
    assert states > 0
    shape = interpreter.get_input_details(0)["shape"]
    steps = np.random.default_rng(0).normal(size=(4, *shape)).astype(np.float32)
    first, again = answers(interpreter, steps, states), answers(interpreter, steps, states)
    np.testing.assert_array_equal(first, again)
    alone = answers(interpreter, steps[3:], states)
    assert np.abs(alone[0] - first[3]).max() > 1e-3  # what was heard before matters
