"""LiteRT's profiler and one-operator models on the tiny network: 8 x 6 map, four 3 x 3 filters, dense 4 to 3."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from odd_files import convert_network, odd_file

from tfkws.config import OperatorSettings
from tfkws.config.measurement import Kernels, Method
from tfkws.errors import BenchmarkError, TfliteFileError
from tfkws.graphs.tflite_graph import TfliteOp
from tfkws.pipeline.profile.operators import profile_operators
from tfkws.profiling.explain.roofline import Level, Roofline
from tfkws.tflite.file.submodels import submodel
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.profile import litert
from tfkws.tflite.profile.kernel_events import KernelRow
from tfkws.tflite.profile.kernel_map import KernelMap
from tfkws.tflite.runtime.model import open_model

CONV_MACS, DENSE_MACS = 8 * 6 * 3 * 3 * 4, 4 * 3


@pytest.mark.parametrize("recipe", ["none", "int8", "float16"])
@pytest.mark.parametrize("kernels", ["xnnpack", "builtin"])
def test_every_operator_has_a_row_with_its_cost(
    recipe: str, kernels: Kernels, converted: Callable[[str], TfliteFile], tmp_path: Path
) -> None:
    path = tmp_path / f"{recipe}.tflite"
    path.write_bytes(converted(recipe).content)
    result = litert.profile(path, OperatorSettings(kernels=kernels, runs=20))
    rows = {row.opcode: row for row in result.rows}
    assert [row.index for row in result.rows] == list(range(len(tflite_file(path).graph.ops)))
    assert rows["CONV_2D"].name == "unit1_conv"
    assert rows["CONV_2D"].macs == CONV_MACS
    assert rows["FULLY_CONNECTED"].macs == DENSE_MACS
    assert rows["CONV_2D"].kernels
    assert sum(row.share for row in result.rows) == pytest.approx(1)
    assert result.warnings == ()
    assert result.agrees is None  # far below 0.2 ms
    assert "less than 200 µs" in result.explanation
    assert "Number of nodes executed" in result.raw_text


def test_bytes_moved_are_inputs_constants_and_outputs(converted: Callable[[str], TfliteFile], tmp_path: Path) -> None:
    path = tmp_path / "none.tflite"
    path.write_bytes(converted("none").content)
    row = litert.profile(path, OperatorSettings(runs=5, method="submodels")).rows[0]
    assert row.bytes_moved == 4 * (8 * 6 + 3 * 3 * 4 + 4 + 8 * 6 * 4)
    assert row.method == "submodel"
    assert row.gmacs_per_s == pytest.approx(CONV_MACS / row.time_us / 1e3)


LIMITS = Roofline(
    "2026", "litert", "1", "xnnpack", 1, {"float32": 1e9, "int8": 1e9}, {}, 1e9, 0.1,
    (Level("memory", None, 1e9, 1e9),), {},
)  # fmt: skip


def test_rows_stand_under_the_roofline(converted: Callable[[str], TfliteFile], tmp_path: Path) -> None:
    path = tmp_path / "none.tflite"
    path.write_bytes(converted("none").content)
    result = litert.profile(path, OperatorSettings(runs=5, method="submodels"), LIMITS)
    conv, softmax = result.rows[0], result.rows[-1]
    assert result.number_type == "float32"
    assert conv.weight_bytes == 4 * (3 * 3 * 4 + 4)
    assert conv.intensity == pytest.approx(CONV_MACS / conv.bytes_moved)
    bound_us = max(CONV_MACS, conv.bytes_moved) / 1e3  # one MAC or byte each nanosecond
    assert conv.roofline_share == pytest.approx(bound_us / conv.time_us)
    assert conv.limit == "multiply rate"
    assert softmax.limit == "memory"
    assert litert.profile(path, OperatorSettings(runs=5, method="submodels")).rows[0].roofline_share is None


def test_saved_beside_the_model(int8_file: Path) -> None:
    profile_operators(int8_file, OperatorSettings(runs=5), measure_limits=lambda kernels, threads: LIMITS)
    saved = json.loads((int8_file.parent / "profile-int8.json").read_text())
    assert saved["kernels"] == "xnnpack"
    assert len(saved["rows"]) == len(tflite_file(int8_file).graph.ops)
    assert saved["roofline"]["levels"][0]["name"] == "memory"
    assert "Run Order" in (int8_file.parent / "profile-int8.txt").read_text()
    profile_operators(int8_file, OperatorSettings("builtin", runs=5), measure_limits=lambda kernels, threads: LIMITS)
    assert (int8_file.parent / "profile-int8-builtin.json").exists()


def test_a_crashing_child_is_one_sentence(int8_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    crash = tmp_path / "crash.sh"
    crash.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crash.chmod(0o755)
    monkeypatch.setattr(litert, "check_that_it_loads", lambda name, content: None)
    monkeypatch.setattr("sys.executable", str(crash))
    with pytest.raises(BenchmarkError, match="Profiling failed .*--method submodels"):
        litert.profile(int8_file)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TfliteFileError, match="does not exist"):
        litert.profile(tmp_path / "a.tflite")
    with pytest.raises(BenchmarkError, match=".tflite or .kws"):
        litert.profile(tmp_path / "model.keras")


@pytest.mark.slow
def test_sum_of_operators_agrees_with_the_whole(tmp_path: Path) -> None:
    """Needs an idle machine."""
    from tfkws.models import build_model
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.recipes import RECIPES

    path = tmp_path / "seed.tflite"
    path.write_bytes(convert(build_model("kws1", (40, 32, 1), 10), RECIPES["none"]).content)
    result = litert.profile(path, OperatorSettings(runs=300))
    assert result.whole_us > 200
    assert result.agrees, result.explanation


def test_constants_behind_the_flatbuffer_are_taken_along(converted: Callable[[str], TfliteFile]) -> None:
    """Large quantised files hold their constants there; an operator cut out of one has them inside."""
    from ai_edge_litert import schema_py_generated as schema

    from tfkws.tflite.file.flatbuffer import pack, unpack

    content = converted("none")
    model = unpack(content.content)
    stored = next(t.buffer for t in model.subgraphs[0].tensors if model.buffers[t.buffer].data is not None)
    data = bytes(np.asarray(model.buffers[stored].data, np.uint8))
    model.buffers[stored] = schema.BufferT()
    model.buffers[stored].offset, model.buffers[stored].size = 1 << 20, len(data)
    moved = pack(model).ljust(1 << 20, b"\0") + data
    parts = [open_model(submodel(source, 0), load_check=False) for source in (content, tflite_file(moved))]
    for part in parts:
        part.set_stored_input(np.ones((1, 8, 6, 1), np.float32))
        part.invoke()
    first, second = (part.tensor(part.graph.outputs[0]) for part in parts)
    assert np.array_equal(first, second)


def odd_path(name: str, folder: Path) -> Path:
    """A file of the zoo on disk."""
    path = folder / f"{name}.tflite"
    path.write_bytes(odd_file(name))
    return path


@pytest.mark.parametrize(
    "name",
    ["signature", "two_signatures", "dynamic_batch", "two_inputs", "two_outputs", "streaming", "while", "front_end",
     "int16", "sparse", "scalars", "speech_commands"],
)  # fmt: skip
def test_odd_files_have_a_row_an_operator_and_no_unknown_time(name: str, tmp_path: Path) -> None:
    result = litert.profile(odd_path(name, tmp_path), OperatorSettings(runs=10))
    assert [row.index for row in result.rows] == [op.index for op in TfliteFile(odd_file(name)).graph.ops]
    assert result.method == "profiler"
    assert {row.method for row in result.rows} <= {"profiler", "submodel", "folded"}
    assert result.warnings == ()
    assert result.sum_us > 0


@pytest.mark.parametrize("name", ["fused_lstm", "svdf", "hash_table"])
def test_what_the_profiler_does_not_take_is_timed_by_submodels_with_a_warning(name: str, tmp_path: Path) -> None:
    result = litert.profile(odd_path(name, tmp_path), OperatorSettings(runs=10))
    assert result.method == "submodels"
    assert result.warnings[0].startswith("LiteRT's profiler does not take this file (")
    assert {row.method for row in result.rows} == {"submodel"}


def test_submodels_need_no_profiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litert, "_ask_child", lambda content, settings: pytest.fail("the profiler was asked"))
    result = litert.profile(odd_path("streaming", tmp_path), OperatorSettings(runs=10, method="submodels"))
    assert result.keeps_state and not result.warnings
    assert result.raw_text == ""


def test_an_open_batch_is_one_and_an_open_time_is_asked_for(tmp_path: Path) -> None:
    settings = OperatorSettings(runs=5, method="submodels")
    assert list(litert.profile(odd_path("dynamic_batch", tmp_path), settings).input_shapes.values()) == [(1, 12, 6)]
    path = odd_path("dynamic_time", tmp_path)
    with pytest.raises(BenchmarkError, match=r"1x\?x6, where \? is open; say what to measure by --shape 1,N,6"):
        litert.profile(path, settings)
    short, long = (litert.profile(path, settings, shapes=[f"1,{frames},6"]) for frames in (10, 20))
    assert long.input_shapes == {next(iter(long.input_shapes)): (1, 20, 6)}
    macs = [[row.macs for row in each.rows if row.opcode == "CONV_2D"][0] for each in (short, long)]
    assert macs == [10 * 3 * 6 * 4, 20 * 3 * 6 * 4]
    assert short.model_sha256 == long.model_sha256 == TfliteFile(odd_file("dynamic_time")).sha256


@pytest.mark.parametrize(("opcode", "method"), [("WHILE", "submodel"), ("CONV_2D", "profiler")])
def test_loops_are_never_timed_by_the_profiler(opcode: str, method: str) -> None:
    """The profiler makes the events inside a loop longer than their operators."""
    row = KernelRow(opcode, 0, 1300.0)
    mapped = KernelMap(((row,),), (), ())
    op = TfliteOp(0, opcode, (0,), (1,))
    assert litert._is_fine(mapped, op) == (method == "submodel")
    assert litert._timed_one(op, mapped, 9.0 if method == "submodel" else None)[1:] in [(9.0, method), (1300.0, method)]


def test_an_operator_without_kernel_reads_unknown_unless_it_folds() -> None:
    mapped = KernelMap(((), ()), (), (0,))
    assert litert._timed_one(TfliteOp(0, "TANH", (0,), (1,)), mapped, None) == ((), 0.0, "unknown")
    assert litert._timed_one(TfliteOp(1, "RESHAPE", (0,), (1,)), mapped, None) == ((), 0.0, "folded")


def streaming_of_working_size() -> bytes:
    """A ring of 30 frames of 40 bands that the file keeps, and two dense layers over it."""

    class Stream(tf.Module):
        def __init__(self) -> None:
            self.ring = tf.Variable(tf.zeros((1, 30, 40)))
            self.first, self.second = tf.constant(noise(1200, 64)), tf.constant(noise(64, 12))

        def step(self, frame: Any) -> Any:
            frames = tf.concat([self.ring[:, 1:], frame], 1)
            self.ring.assign(frames)
            return tf.nn.softmax(tf.nn.relu(tf.reshape(frames, (1, 1200)) @ self.first) @ self.second)

    module = Stream()
    step = tf.function(module.step, input_signature=[tf.TensorSpec((1, 1, 40))])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([step.get_concrete_function()], module)
    converter.experimental_enable_resource_variables = True
    return bytes(converter.convert())


def two_inputs_of_working_size() -> bytes:
    """A map of 49 x 10 and eight numbers beside it."""
    kernel, weights, mixing = tf.constant(noise(5, 4, 1, 32)), tf.constant(noise(8, 32)), tf.constant(noise(64, 12))

    def answer(maps: Any, context: Any) -> Any:
        heard = tf.reduce_mean(tf.nn.relu(tf.nn.conv2d(maps, kernel, 1, "SAME")), (1, 2))
        return tf.nn.softmax(tf.concat([heard, tf.tanh(context @ weights)], 1) @ mixing)

    function = tf.function(answer).get_concrete_function(tf.TensorSpec((1, 49, 10, 1)), tf.TensorSpec((1, 8)))
    return bytes(tf.lite.TFLiteConverter.from_concrete_functions([function]).convert())


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32) / 10


WORKING_SIZE = {
    "gru": lambda: convert_network(tf.keras.layers.GRU(32), (40, 20)),
    "streaming": streaming_of_working_size,
    "two_inputs": two_inputs_of_working_size,
}


# XNNPACK's kernels run by default. With LiteRT's own a call of the whole takes one of two times from profile to profile
# (38 or 41 µs with two inputs), while its operators by themselves always add up to the shorter.
WITHIN = {"xnnpack": 0.05, "builtin": 0.08}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["profiler", "submodels"])
@pytest.mark.parametrize("kernels", WITHIN)
@pytest.mark.parametrize("name", WORKING_SIZE)
def test_operators_sum_to_the_whole(name: str, kernels: Kernels, method: Method, tmp_path: Path) -> None:
    """A call takes 4 to 140 µs; the median of nine profiles, since the speed of a shared core drifts."""
    path = tmp_path / f"{name}.tflite"
    path.write_bytes(WORKING_SIZE[name]())
    profiles = [litert.profile(path, OperatorSettings(kernels, runs=60, method=method)) for _ in range(9)]
    assert abs(np.median([each.difference for each in profiles])) < WITHIN[kernels]
    assert all(row.method != "unknown" for each in profiles for row in each.rows)


@pytest.mark.slow
def test_hundreds_of_operators_are_timed_in_seconds_and_lack_only_the_steps_between_them(tmp_path: Path) -> None:
    """An unrolled GRU: 678 operators of 50 ns, and 10 ns from one kernel to the next, which copies of one lack."""
    path = tmp_path / "unrolled.tflite"
    path.write_bytes(convert_network(tf.keras.layers.GRU(32, unroll=True), (40, 20)))
    found = litert.profile(path, OperatorSettings("xnnpack", runs=60))
    assert len(found.rows) > 600
    assert 0 < -found.difference * found.whole_us < 0.03 * len(found.rows)
