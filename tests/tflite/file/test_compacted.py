"""Files for TensorFlow Lite Micro: the same answers, without what nothing uses, constants inside the flatbuffer."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from small_networks import small_network

from tfkws.graphs.tflite_parser import parse_tflite
from tfkws.tflite.convert.keras_to_tflite import convert
from tfkws.tflite.file.compacted import compacted
from tfkws.tflite.file.flatbuffer import pack
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.recipes import RECIPES
from tfkws.tflite.runtime.model import open_model


@pytest.fixture(scope="module", params=["seed_cnn", "bc_resnet"])
def file(request: pytest.FixtureRequest) -> TfliteFile:
    network = small_network(request.param)
    maps = np.random.default_rng(0).normal(size=(8, *network.input_shape[1:])).astype(np.float32)
    return convert(network, RECIPES["int8"], maps)


def used_tensors(file: TfliteFile) -> set[int]:
    graph = file.graph
    return {i for op in graph.ops for i in (*op.inputs, *op.outputs) if i >= 0} | {*graph.inputs, *graph.outputs}


def test_every_tensor_that_stays_is_used(file: TfliteFile) -> None:
    assert len(used_tensors(file)) < len(file.graph.tensors)  # else there is nothing to test
    made = compacted(file)
    assert used_tensors(made) == set(range(len(made.graph.tensors)))
    assert [op.opcode for op in made.graph.ops] == [op.opcode for op in file.graph.ops]
    assert made.graph.layer_names == file.graph.layer_names
    assert len(made.content) < len(file.content)


def test_answers_stay_and_the_bytes_repeat(file: TfliteFile) -> None:
    made = compacted(file)
    assert compacted(file) == made and compacted(made) == made
    before, behind = open_model(file), open_model(made)
    maps = np.random.default_rng(1).normal(size=(5, *before.input_shape)).astype(np.float32)
    np.testing.assert_array_equal(before.predict(maps), behind.predict(maps))


def test_constants_behind_the_flatbuffer_are_taken_in(file: TfliteFile) -> None:
    inside = file.edit()
    content = pack(inside.model)
    large = max(range(len(inside.model.buffers)), key=lambda number: len(_data(inside.model.buffers[number])))
    data = bytes(_data(inside.model.buffers[large]))
    buffer = inside.model.buffers[large]
    buffer.data, buffer.offset, buffer.size = None, len(content) * 2 // 16 * 16, len(data)
    for each in inside.model.buffers:
        each.__class__ = schema.BufferT  # the one of `pack` writes no offsets
    outside = _with_offsets(inside.model, buffer.offset, data)
    assert parse_tflite(outside).tensors[0].shape == file.graph.tensors[0].shape
    model = schema.Model.GetRootAs(compacted(TfliteFile(outside)).content, 0)
    assert all(model.Buffers(i).Offset() == 0 for i in range(model.BuffersLength()))
    assert compacted(TfliteFile(outside)) == compacted(file)


def _data(buffer: schema.BufferT) -> np.ndarray:
    return np.zeros(0, np.uint8) if buffer.data is None else np.asarray(buffer.data, np.uint8)


def _with_offsets(model: schema.ModelT, at: int, data: bytes) -> bytes:
    """Write a model by the schema's own code, and constants at their place behind it."""
    import flatbuffers

    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    front = bytes(builder.Output())
    assert len(front) <= at
    return front.ljust(at, b"\0") + data
