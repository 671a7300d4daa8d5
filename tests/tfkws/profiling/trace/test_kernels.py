"""Which events are kernels, their own time, and the time in which any of them runs."""

import random
from typing import Any

import pytest

from tfkws.profiling.trace.kernels import Kernel, busy_us, divided, kernels_of
from tfkws.profiling.trace.xplane import read_planes

xplane_pb2 = pytest.importorskip("tensorflow.tsl.profiler.protobuf.xplane_pb2")

Row = tuple[str, float, float, dict[str, str]]


def planes_of(plane: str, lines: dict[str, list[Row]]) -> Any:
    """Planes with events (name, start µs, duration µs, statistics) on each line."""
    space = xplane_pb2.XSpace()
    made = space.planes.add(name=plane)
    names: dict[str, int] = {}
    for line, rows in lines.items():
        added = made.lines.add(name=line)
        for name, start, duration, stats in rows:
            number = names.setdefault(name, len(names) + 1)
            made.event_metadata[number].name = name
            event = added.events.add(metadata_id=number, offset_ps=int(start * 1e6), duration_ps=int(duration * 1e6))
            for key, text in stats.items():
                place = names.setdefault(key, len(names) + 1)
                made.stat_metadata[place].name = key
                event.stats.add(metadata_id=place, str_value=text)
    return read_planes(space.SerializeToString())


def test_kernels_of_a_gpu_are_what_runs_on_its_streams() -> None:
    rows: list[Row] = [("sm90_gemm", 5, 3, {"hlo_op": "dot.1", "name": "jit(f)/tfkws.2/dot"}), ("copy", 1, 2, {})]
    planes = planes_of("/device:GPU:0", {"Stream #13(Compute)": rows, "XLA Modules": [("jit_f", 0, 9, {})]})
    assert kernels_of(planes, "cpu") == ()
    copy, gemm = kernels_of(planes, "gpu")
    assert gemm == Kernel("sm90_gemm", "dot.1", "jit(f)/tfkws.2/dot", 5.0, 8.0, 3.0)
    assert (copy.name, copy.instruction) == ("copy", "")


def test_kernels_of_a_graph_run_beside_each_other_and_each_counts() -> None:
    """On one stream of the trace and on another: each moment is divided, and the parts add up to the busy time."""
    graph: list[Row] = [("a", 0, 10, {"hlo_op": "command_buffer_1"}), ("b", 1, 2, {}), ("c", 2, 18, {})]
    planes = planes_of("/device:GPU:0", {"Stream #1(Compute)": graph, "Stream #2(MemcpyH2D)": [("d", 19, 3, {})]})
    found = kernels_of(planes, "gpu")
    assert [kernel.name for kernel in found] == ["a", "b", "c", "d"] and not any(kernel.is_outer for kernel in found)
    assert sum(kernel.own_us for kernel in found) == pytest.approx(busy_us(found)) == pytest.approx(22.0)
    assert found[1].own_us == pytest.approx(1 / 2 + 1 / 3)


def test_threads_beside_each_other_add_up_to_the_busy_time() -> None:
    """TensorFlow runs operators that do not wait for each other in threads of their own."""
    draw = random.Random(2)
    for _ in range(20):
        lines: dict[str, list[Row]] = {}
        for thread in "ab":
            spans = [(draw.randint(0, 40), draw.randint(1, 9)) for _ in range(5)]
            lines[thread] = [("x", start, length, {"hlo_op": "x"}) for start, length in spans]
        found = kernels_of(planes_of("/host:CPU", lines), "cpu")
        assert sum(kernel.own_us for kernel in found) == pytest.approx(busy_us(found))


def test_time_is_divided_against_brute_force() -> None:
    draw = random.Random(1)
    for _ in range(30):
        spans = [(start, start + draw.randint(0, 9)) for start in (draw.randint(0, 40) for _ in range(8))]
        parts = [0.0] * len(spans)
        for moment in range(60):
            there = [place for place, (start, end) in enumerate(spans) if start <= moment < end]
            for place in there:
                parts[place] += 1 / len(there)
        assert divided(spans) == pytest.approx(parts)


def test_kernels_of_a_host_are_instructions_and_operators() -> None:
    rows: list[Row] = [
        ("ThunkExecutor::Execute", 0, 9, {}),
        ("fusion.1", 1, 2, {"hlo_op": "fusion.1"}),
        ("end: fusion.1", 3, 1, {}),
        ("tfkws.1/conv/convolution:Conv2D", 4, 1, {}),
        ("EagerLocalExecute: __inference_net_1", 5, 1, {}),
        ("__inference_net_1:__inference_net_1", 6, 1, {}),
    ]
    found = kernels_of(planes_of("/host:CPU", {"tf_XLAEigen/1": rows}), "cpu")
    assert [kernel.name for kernel in found] == ["fusion.1", "tfkws.1/conv/convolution:Conv2D"]
    assert [kernel.scope for kernel in found] == ["", "tfkws.1/conv/convolution:Conv2D"]


def test_a_kernel_around_others_has_the_rest_of_its_time() -> None:
    rows: list[Row] = [
        (name, start, size, {"hlo_op": name})
        for name, start, size in (("while", 0, 10), ("a", 1, 2), ("inner", 4, 5), ("b", 5, 3), ("after", 10, 1))
    ]
    found = {kernel.name: kernel for kernel in kernels_of(planes_of("/host:CPU", {"thread": rows}), "cpu")}
    assert {name: kernel.own_us for name, kernel in found.items()} == {
        "while": 3.0,
        "a": 2.0,
        "inner": 2.0,
        "b": 3.0,
        "after": 1.0,
    }
    assert [name for name, kernel in found.items() if kernel.is_outer] == ["while", "inner"]
    assert sum(kernel.own_us for kernel in found.values()) == busy_us(list(found.values())) == 11.0


def test_busy_time_against_brute_force() -> None:
    draw = random.Random(0)
    for _ in range(50):
        spans = sorted((start, start + draw.randint(0, 9)) for start in (draw.randint(0, 60) for _ in range(9)))
        kernels = [Kernel("", "", "", start, end, end - start) for start, end in spans]
        covered = {moment for start, end in spans for moment in range(start, end)}
        assert busy_us(kernels) == len(covered)
    assert busy_us([]) == 0.0
