"""Files as the schema's objects: read and written again without loss, with constants where vectors want them."""

from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np
import pytest

from tfkws.graphs.tflite_parser import IDENTIFIER
from tfkws.tflite.file.flatbuffer import ALIGNMENT, pack, unpack
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model

Converted = Callable[[str], TfliteFile]


@pytest.mark.parametrize("recipe", ["none", "int8"])
def test_a_file_written_again_answers_alike(recipe: str, converted: Converted, maps: np.ndarray) -> None:
    file = converted(recipe)
    again = TfliteFile(pack(unpack(file.content)))
    answers = [open_model(each, load_check=False).predict(maps[:4]) for each in (file, again)]
    np.testing.assert_array_equal(answers[0], answers[1])
    assert pack(unpack(again.content)) == again.content


def test_constants_begin_at_multiples_of_sixteen_bytes(converted: Converted) -> None:
    graph = TfliteFile(pack(unpack(converted("none").content))).graph
    starts = [tensor.data_range[0] for tensor in graph.tensors if tensor.is_constant]
    assert len(starts) >= 4
    assert [start % ALIGNMENT for start in starts] == [0] * len(starts)


def plainly(model: Any) -> bytes:
    """Write by the generated code alone; `pack` leaves offsets out."""
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def test_constants_behind_the_flatbuffer_are_taken_in(converted: Converted) -> None:
    """Files above 2 GB keep constants behind the flatbuffer, found by offset and size."""
    model = unpack(converted("none").content)
    sizes = [0 if buffer.data is None else len(buffer.data) for buffer in model.buffers]
    number = sizes.index(max(sizes))
    values = np.array(model.buffers[number].data, np.uint8)
    model.buffers[number].data = None
    model.buffers[number].size = len(values)
    model.buffers[number].offset = 2  # stands for the true place, which is known once the file has its length
    model.buffers[number].offset = len(plainly(model))
    behind = plainly(model) + values.tobytes()
    taken = unpack(behind).buffers[number]
    np.testing.assert_array_equal(taken.data, values)
    assert (taken.offset, taken.size) == (0, 0)
