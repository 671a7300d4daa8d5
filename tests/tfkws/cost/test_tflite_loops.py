"""How often loops run: what the file says, and None where it does not say."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf  # noqa: TID253
from odd_files import odd_file

from tfkws.cost import count
from tfkws.cost.tflite_loops import passes
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.graphs.tflite_parser import parse_tflite


def loop_of(content: bytes) -> int | None:
    graph = parse_tflite(content)
    return next(passes(op, graph, graph) for op in graph.ops if op.opcode == "WHILE")


@pytest.mark.parametrize(("name", "times"), [("while", 5), ("gru", 12), ("lstm", 12), ("bidirectional", 12)])
def test_loops_of_the_zoo(name: str, times: int) -> None:
    assert loop_of(odd_file(name)) == times


def converted(first: int, last: int, step: int) -> bytes:
    """Double a number while a counter is below a bound; how often, is in the answer."""

    def run(x: tf.Tensor) -> tf.Tensor:
        return tf.while_loop(lambda i, y: i < last, lambda i, y: (i + step, y + 1.0), (first, x))[1]

    function = tf.function(run).get_concrete_function(tf.TensorSpec((1,)))
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([function]).convert())


@pytest.mark.parametrize(("first", "last", "step"), [(0, 7, 1), (2, 9, 3), (5, 5, 1), (9, 2, 1)])
def test_a_counter_is_followed_as_the_runtime_does(first: int, last: int, step: int) -> None:
    from ai_edge_litert.interpreter import Interpreter

    content = converted(first, last, step)
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.zeros(1, np.float32))
    interpreter.invoke()
    ran = int(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    assert loop_of(content) == ran


def until_large() -> bytes:
    """Multiply until the sum is large: how often, depends on the input."""
    weights = tf.constant(np.full((4, 4), 0.5, np.float32))

    def run(x: tf.Tensor) -> tf.Tensor:
        return tf.while_loop(lambda y: tf.reduce_sum(y) < 100, lambda y: (y @ weights,), (x,))[0]

    function = tf.function(run).get_concrete_function(tf.TensorSpec((1, 4)))
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([function]).convert())


def test_a_loop_that_depends_on_its_input_is_counted_for_one_pass_and_says_so() -> None:
    content = until_large()
    assert loop_of(content) is None
    report = count(content)
    assert report.macs == 4 * 4
    assert report.notes == ("one pass of a loop is counted; times unknown",)


def test_a_body_that_hands_back_fewer_values_is_no_counter() -> None:
    graph = parse_tflite(odd_file("while"))
    cut: TfliteGraph = replace(graph.others[1], outputs=())
    broken = replace(graph, others=(graph.others[0], cut))
    assert passes(broken.ops[0], broken, broken) is None
