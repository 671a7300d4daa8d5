"""Latency and instructions of candidates: from a fitted model, or from a target."""

import math
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import SearchConfig
from tfkws.errors import ConfigError, PredictionError
from tfkws.pipeline.parts.device_costs import (
    DeviceCosts,
    MeasureOnTarget,
    check_limits_told,
    check_target,
    read_device_costs,
)
from tfkws.pipeline.parts.predicted_costs import predicted_costs
from tfkws.run_folder import read_json, write_json
from tfkws.tflite.latency_model.model import HeldOut, KindModel, LatencyModel, load_latency_model
from tfkws.tflite.latency_model.profiles import Circumstances
from tfkws.tuner.problem.built_in_spaces import SPACES
from tfkws.tuner.problem.objectives import TOP1_ERROR
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace

PUBLISHED_GPU = Path(__file__).parents[4] / "artifacts" / "published" / "profile" / "gpu"
PUBLISHED_MODELS = sorted(PUBLISHED_GPU.glob("*/latency_model.json"))
INPUT, CLASSES = (40, 32, 1), 10
WIDE = (1.0, 1e12)


def linear_model(work_range: tuple[float, float] = WIDE, **about: Any) -> LatencyModel:
    """One unit for each 1,000 MACs of a convolution, nothing else."""
    kinds = {kind: KindModel("linear", {"work": 1e-3}, work_range, WIDE, 9, 0.0) for kind in ("CONV_2D", "CONV_2D 1x1")}
    kinds |= {kind: KindModel("linear", {}, WIDE, WIDE, 9, 0.0) for kind in ("MEAN", "FULLY_CONNECTED", "SOFTMAX")}
    here = replace(Circumstances("board", "us", "none", "xnnpack", 1, "1", "cpu"), **about)
    return LatencyModel(here, kinds, 0.0, 1.0, HeldOut(30, 0, 0.1, 0.95, 0.05, 0.99), 40, 400)


def test_a_predicted_cost_is_that_of_the_candidates_operators() -> None:
    space = SPACES["paper-table"]
    costs = predicted_costs(linear_model(), space, INPUT, CLASSES)
    assert set(costs) == {"predicted_latency_us"}
    values = {param.name: param.choices[-1] for param in space.params}
    convolutions = 640 * 25 * (1 + 5 * 100) * 100
    assert costs["predicted_latency_us"](values) == pytest.approx(convolutions / 1_000)
    counted = predicted_costs(linear_model(unit="instructions"), space, INPUT, CLASSES)
    assert set(counted) == {"predicted_instructions"}


def test_a_space_that_the_model_does_not_cover_is_refused_at_once() -> None:
    with pytest.raises(PredictionError, match="knows CONV_2D"):
        predicted_costs(linear_model((1.0, 1e6)), SPACES["paper-table"], INPUT, CLASSES)


def test_a_candidate_outside_of_the_range_costs_infinitely_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.pipeline.parts.predicted_costs.TRIED_DRAWS", 0)
    space = SearchSpace("gap", "seed_cnn", (Param("m", (1, 50, 2)),), {"convs": "3x3,{m}"})
    cost = predicted_costs(linear_model((640 * 9, 2 * 640 * 9)), space, INPUT, CLASSES)["predicted_latency_us"]
    assert cost({"m": 2}) == pytest.approx(2 * 640 * 9 / 1_000)
    assert math.isinf(cost({"m": 50}))
    assert not Problem(space, (TOP1_ERROR,), {"predicted_latency_us": cost}).feasible({"m": 50})


def test_what_is_asked_for_has_one_source_and_its_unit(tmp_path: Path) -> None:
    write_json(tmp_path / "m.json", linear_model().to_dict())
    names, device = read_device_costs(["latency"], "", tmp_path / "m.json", "none", limited=False)
    assert names == ("predicted_latency_us",) and device is not None
    assert LatencyModel.from_dict(device.model) == linear_model()  # type: ignore[arg-type]
    assert DeviceCosts.from_dict(device.to_dict()) == device
    assert read_device_costs(["latency"], "local", None, "int8", limited=True)[0] == ("latency_us",)
    assert read_device_costs([], "", None, "none", limited=False) == ((), None)
    with pytest.raises(ConfigError, match="--target or --latency-model"):
        read_device_costs(["latency"], "", None, "none", limited=False)
    with pytest.raises(ConfigError, match="--target or --latency-model"):
        read_device_costs([], "", None, "none", limited=True)
    with pytest.raises(ConfigError, match="give one of the two"):
        read_device_costs(["latency"], "local", tmp_path / "m.json", "none", limited=False)
    with pytest.raises(ConfigError, match="tells latency_us, which is no instructions"):
        read_device_costs(["instructions"], "", tmp_path / "m.json", "none", limited=False)
    with pytest.raises(ConfigError, match="The target qemu-aarch64 tells instructions, which is no latency"):
        read_device_costs(["latency"], "qemu-aarch64", None, "none", limited=False)
    with pytest.raises(ConfigError, match="takes latency, instructions, latency@gpu, besides"):
        read_device_costs(["energy"], "local", None, "none", limited=False)


def test_limits_are_on_what_the_source_tells() -> None:
    predicted = DeviceCosts("", "", "int8", linear_model().to_dict())
    for limits, device in [
        ({"latency_us": 1, "latency_p95_us": 2, "macs": 3}, DeviceCosts("local")),
        ({"latency_us@gpu": 1}, DeviceCosts("gpu")),
        ({"instructions": 1, "file_kib": 2}, DeviceCosts("qemu-aarch64")),
        ({"predicted_latency_us": 1}, predicted),
        ({"macs": 1}, None),
    ]:
        check_limits_told(limits, device)
    with pytest.raises(ConfigError, match="The latency model of .* no instructions: leave out --max-instructions"):
        check_limits_told(["predicted_instructions"], predicted)
    with pytest.raises(ConfigError, match="tells no time: leave out --max-latency, --max-p95-us, or"):
        check_limits_told(["latency_us", "latency_p95_us", "instructions"], DeviceCosts("qemu-aarch64"))


def test_a_gpus_latency_has_a_name_of_its_own(tmp_path: Path) -> None:
    write_json(tmp_path / "gpu.json", linear_model(target="gpu").to_dict())
    write_json(tmp_path / "cpu.json", linear_model().to_dict())
    names, device = read_device_costs(["latency@gpu"], "", tmp_path / "gpu.json", "none", limited=True)
    assert names == ("predicted_latency_us@gpu",) and device is not None
    assert set(predicted_costs(linear_model(target="gpu"), SPACES["paper-table"], INPUT, CLASSES)) == set(names)
    assert read_device_costs(["latency@gpu"], "gpu", None, "none", limited=False)[0] == ("latency_us@gpu",)
    with pytest.raises(ConfigError, match="model of gpu tells latency_us@gpu, which is no latency;"):
        read_device_costs(["latency"], "", tmp_path / "gpu.json", "none", limited=False)
    with pytest.raises(ConfigError, match="tells latency_us, which is no latency@gpu;"):
        read_device_costs(["latency@gpu"], "", tmp_path / "cpu.json", "none", limited=False)
    with pytest.raises(ConfigError, match="add --objective latency@gpu"):
        read_device_costs([], "gpu", None, "none", limited=True)
    limits = SearchConfig(objectives=("top1_error", *names), predicted=True, max_latency_us=300).limits
    assert limits == {"predicted_latency_us@gpu": 300}


def test_a_gpu_is_used_by_one_trial_at_a_time_and_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfkws.profiling.measure.backend._has_gpu", lambda: False)
    with pytest.raises(ConfigError, match="there is none here; predict its latency with --latency-model"):
        check_target("gpu", 1)
    monkeypatch.setattr("tfkws.profiling.measure.backend._has_gpu", lambda: True)
    check_target("gpu", 1)
    with pytest.raises(ConfigError, match="use --workers 1"):
        check_target("gpu", 2)


def test_a_candidate_is_timed_on_the_gpu_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path of a GPU, on this machine's processor in its place."""
    from tfkws.models import build_model
    from tfkws.profiling.measure import time_whole

    timed = time_whole.time_whole
    monkeypatch.setattr(time_whole, "time_whole", lambda model, device, runs: timed(model, "cpu", runs))
    found = MeasureOnTarget("gpu", "", "none")(build_model("seed_cnn", (8, 6, 1), 3, convs="3x3,4 1x1,4"), tmp_path)
    assert 0 < found["latency_low_us@gpu"] <= found["latency_us@gpu"] <= found["latency_high_us@gpu"]
    assert found["latency_us@gpu"] <= found["latency_p95_us@gpu"]
    raw = read_json(tmp_path / "latency-gpu.json")
    assert found["latency_us@gpu"] == pytest.approx(np.median(raw["samples"]) / 1e3)


@pytest.mark.parametrize("path", PUBLISHED_MODELS, ids=lambda path: path.parent.name)
def test_the_published_model_of_a_gpu_prices_a_whole_space(path: Path) -> None:
    space = SPACES["paper-table"]
    (cost,) = predicted_costs(load_latency_model(path), space, INPUT, CLASSES).values()
    small, large = (cost({param.name: param.choices[i] for param in space.params}) for i in (0, -1))
    fastest = min(read_json(record)["b1_us"]["median"] for record in path.parent.glob("records/*.json"))
    assert 0.75 * fastest < small < large < 3 * small  # of launches mostly: MACs differ by more than a thousand times


def test_a_measurement_here_is_not_disturbed_by_other_trials() -> None:
    check_target("local", 1)
    check_target("qemu-aarch64", 4)
    with pytest.raises(ConfigError, match="use --workers 1"):
        check_target("ssh://pi@board", 2)
    with pytest.raises(ConfigError, match="No target is called"):
        check_target("raspberry", 1)
    with pytest.raises(ConfigError, match="cannot answer for new networks"):
        check_target("replay:somewhere", 1)


def test_a_candidate_is_measured_on_this_machine(tmp_path: Path) -> None:
    from tfkws.models import build_model

    measure = pickle.loads(pickle.dumps(MeasureOnTarget("local", "", "none")))
    found = measure(build_model("seed_cnn", (8, 6, 1), 3, convs="3x3,4 1x1,4"), tmp_path)
    assert 0 < found["latency_low_us"] <= found["latency_us"] <= found["latency_high_us"]
    assert found["latency_us"] <= found["latency_p95_us"]
    raw = read_json(tmp_path / "benchmark-none.json")
    assert raw["median_us"] == found["latency_us"] and len(raw["samples_ns"]) == 3
