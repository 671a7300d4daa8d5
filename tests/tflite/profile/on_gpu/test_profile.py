"""Profiles of a GPU whose times are planted, and of the software adapter."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lively_networks import file_made_elsewhere, lively_file
from planted_gpu import EMPTY_US, FACTS, PlantedGpu

from tfkws.config import OperatorSettings
from tfkws.profiling.measure.gpu_operators import GpuProfile
from tfkws.tflite.file.small_models import pointwise_convolution
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.gpu.known_shapes import with_known_shapes
from tfkws.tflite.profile.on_gpu.profile import profile_on_gpu

SETTINGS = OperatorSettings(runtime="litert-gpu")
FUSED = {(0,): 100.0, (1,): 20.0, (2, 3): 30.0}  # CONV_2D, MEAN, FULLY_CONNECTED with SOFTMAX
Converted = Callable[[str], TfliteFile]


@pytest.fixture
def model(tmp_path: Path, converted: Converted) -> Path:
    """The tiny network's file."""
    path = tmp_path / "none.tflite"
    path.write_bytes(converted("none").content)
    return path


def on(gpu: PlantedGpu, model: Path, settings: OperatorSettings = SETTINGS) -> GpuProfile:
    return profile_on_gpu(model, settings, timer=gpu, ask_events=lambda content: ([], "No events."))


def test_planted_times_come_back_with_a_fused_group_as_one_row(model: Path, converted: Converted) -> None:
    found = on(PlantedGpu(converted("none"), FUSED, noise_us=0.05), model)
    rows = [(tuple(each.index for each in row.operators), row.time_us) for row in found.rows]
    assert [held for held, _ in rows] == [(0,), (1,), (2, 3)]
    assert [time_us for _, time_us in rows] == pytest.approx([100, 20, 30], abs=0.5)
    assert [row.alone_us for row in found.rows] == pytest.approx([100, 20, 60], abs=1)  # each pays for the group
    whole_us = EMPTY_US + 150
    assert (found.whole_us, found.last_prefix_us) == pytest.approx((whole_us, whole_us), abs=2)
    assert found.agrees and abs(found.difference) < 0.01
    assert found.sum_us == pytest.approx(150, abs=0.5)
    assert found.alone_difference == pytest.approx((180 + EMPTY_US) / whole_us - 1, abs=0.01)
    assert sum(row.share for row in found.rows) == pytest.approx(1)
    assert found.rows[0].operators[0].macs == 8 * 6 * 9 * 4
    assert (found.events, found.warnings) == ("No events.", ())


@pytest.mark.parametrize(("runs", "kernels", "told"), [(4, ["conv 1"], "Events."), (0, [], "Events. The profiler rec")])
def test_events_of_a_later_version_become_kernels(
    model: Path, converted: Converted, runs: int, kernels: list[str], told: str
) -> None:
    one = {"tag": "conv 1", "event_type": 8, "node": 0, "elapsed_us": 12, "subgraph": 0}
    start = {**one, "tag": "Invoke", "event_type": 1}
    gpu = PlantedGpu(converted("none"), FUSED)
    events = [start, one] * runs or [start]
    found = profile_on_gpu(model, SETTINGS, timer=gpu, ask_events=lambda content: (events, "Events."))
    assert [each.kernel for each in found.kernels] == kernels and found.events.startswith(told)
    assert found.recorded_events == tuple(events) and ("kernels" in found.to_dict()) == bool(kernels)


def test_by_submodels_no_prefix_is_timed(model: Path, converted: Converted) -> None:
    gpu = PlantedGpu(converted("none"), {(n,): 10.0 * n + 10 for n in range(4)})
    found = on(gpu, model, OperatorSettings(runtime="litert-gpu", method="submodels"))
    assert gpu.sizes == [2, 6]
    assert [row.time_us for row in found.rows] == pytest.approx([10, 20, 30, 40])
    assert {row.method for row in found.rows} == {"submodels"}
    assert (found.last_prefix_us, found.agrees, found.difference) == (None, True, pytest.approx(0))


def test_what_the_accelerator_refuses_is_named_by_operator(model: Path, converted: Converted) -> None:
    gpu = PlantedGpu(converted("none"), FUSED, refused=(1,))
    gpu.facts = FACTS | {"fully_accelerated": False, "operators": {"gpu": 3, "cpu": 1, "refused": {"MEAN": "no"}}}
    found = on(gpu, model)
    assert [each.refused for row in found.rows for each in row.operators] == ["", "no", "", ""]
    assert found.warnings == ("the prefix that ends at operator 1 (MEAN) does not load (planted)",)


@pytest.mark.parametrize(("number_type", "faulty"), [("int8", True), ("float32", False)])
def test_operators_that_a_gpu_computes_wrongly_are_told(number_type: str, faulty: bool, tmp_path: Path) -> None:
    path = tmp_path / "strided.tflite"
    path.write_bytes(pointwise_convolution(number_type, side=4, channels=1, stride=2))
    found = on(PlantedGpu(TfliteFile(path.read_bytes()), {(0,): 10.0}), path)
    assert any("ignores the stride" in each for each in found.warnings) is faulty


def test_operators_keep_their_numbers_where_shapes_are_computed_once(tmp_path: Path) -> None:
    """A file with an open batch: SHAPE, STRIDED_SLICE and PACK are folded, and the others keep their numbers."""
    path = tmp_path / "open.tflite"
    file = file_made_elsewhere("tc_resnet8", "none")
    path.write_bytes(file.content)
    known = with_known_shapes(file)
    kept = [op.opcode for op in known.graph.ops]
    found = on(PlantedGpu(known, {(n,): 10.0 for n in range(len(kept))}), path)
    held = [each for row in found.rows for each in row.operators]
    assert [each.index for each in held] == [op.index for op in file.graph.ops]
    assert [each.opcode for each in held] == [op.opcode for op in file.graph.ops]
    timed = [row.operators[0].opcode for row in found.rows if row.method == "prefixes"]
    assert timed == kept and len(kept) < len(file.graph.ops)


@pytest.mark.usefixtures("software_gpu")
@pytest.mark.parametrize("recipe", ["none", pytest.param("int8", marks=pytest.mark.slow)])
def test_a_network_on_the_software_adapter(tmp_path: Path, recipe: str) -> None:
    path = tmp_path / f"{recipe}.tflite"
    path.write_bytes(lively_file("kws12", recipe).content)
    found = profile_on_gpu(path, OperatorSettings(runtime="litert-gpu", runs=5))
    numbers = [each.index for row in found.rows for each in row.operators]
    assert numbers == list(range(len(lively_file("kws12", recipe).graph.ops)))
    assert found.accelerator["adapter"]["software"] and found.accelerator["fully_accelerated"]
    assert found.alone_sum_us is not None and found.warnings == ()
    assert 0.3 < found.sum_us / found.whole_us < 3  # a machine with other work on it
    assert "gives no operator events (LiteRT's LiteRtRunCompiledModel failed" in found.events
