"""`tfkws target fit` on a made-up device whose law is known: what it writes must say that law."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from made_up_device import HERE

from tfkws.errors import BenchmarkError
from tfkws.pipeline.target.fit import MODEL, PROBES, PROFILES, fit_target, keep_probe
from tfkws.run_folder import read_json
from tfkws.tflite.file.small_models import ModelBuilder
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.latency_model.fit_target import FitTarget
from tfkws.tflite.latency_model.model import load_latency_model
from tfkws.tflite.latency_model.operator_shapes import file_shapes
from tfkws.tflite.latency_model.probes import Probe

OPERATORS = 12
FIXED, A_CALL, A_MAC = 7.0, 0.5, 0.003  # µs: of a network, of an operator, of a multiply-accumulate


def pointwise_stack(side: int, widths: Sequence[int]) -> TfliteFile:
    """1 x 1 convolutions of a (side, side) map, float32; each but the first takes what the one before it gives."""
    build = ModelBuilder()
    last = first = build.tensor("x", "float32", (1, side, side, widths[0]), ())
    for channels, filters in zip(widths, widths[1:], strict=False):
        weights = build.constant("w", "float32", np.ones((filters, 1, 1, channels), np.float32), ())
        bias = build.constant("b", "float32", np.zeros(filters, np.float32), ())
        inputs = [last, weights, bias]
        last = build.tensor("y", "float32", (1, side, side, filters), ())
        options = schema.Conv2DOptionsT()
        options.strideH = options.strideW = 1
        build.operator(schema.BuiltinOperator.CONV_2D, inputs, [last], schema.BuiltinOptions.Conv2DOptions, options)
    return TfliteFile(build.finish([first], [last]))


def macs(side: int, widths: Sequence[int]) -> list[int]:
    return [side * side * channels * filters for channels, filters in zip(widths, widths[1:], strict=False)]


def drawn(probe: Probe) -> tuple[int, list[int]]:
    """Side and widths of the network that stands for a probe; the anchors are the smallest and the largest."""
    if probe.anchor:
        return probe.input_shape[0], [probe.input_shape[1]] * (OPERATORS + 1)
    rng = np.random.default_rng(int(probe.name))
    return int(rng.integers(2, 9)), rng.integers(2, 33, OPERATORS + 1).tolist()


ANCHORS = [Probe("small", "", (2, 2, 1), 2, anchor=True), Probe("large", "", (8, 32, 1), 2, anchor=True)]
PROBES_DRAWN = [*ANCHORS, *[Probe(str(number), "", (8, 8, 1), 2) for number in range(24)]]


class Device:
    """Takes FIXED for a network, and A_CALL + A_MAC * MACs for an operator; breaks after so many profiles."""

    def __init__(self, breaks_after: int = 1000) -> None:
        self.profiled: list[str] = []
        self.breaks_after = breaks_after

    def __call__(self, model: Path) -> tuple[float, list[float]]:
        if len(self.profiled) == self.breaks_after:
            raise BenchmarkError("The device went away.")
        self.profiled.append(model.name)
        probe = next(probe for probe in PROBES_DRAWN if model.name == f"{probe.name}-none.tflite")
        values = [A_CALL + A_MAC * work for work in macs(*drawn(probe))]
        return FIXED + sum(values), values


@pytest.fixture(autouse=True)
def quick_conversion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks are built by the schema; Keras and its converter would take a minute."""
    monkeypatch.setattr("tfkws.pipeline.target.fit.convert_probe", lambda probe, recipe: pointwise_stack(*drawn(probe)))


def test_the_written_model_says_the_law_of_the_device(tmp_path: Path) -> None:
    fitted = fit_target(FitTarget(HERE, Device()), tmp_path, PROBES_DRAWN)
    assert load_latency_model(tmp_path / MODEL) == fitted
    stored = read_json(tmp_path / MODEL)
    assert stored["fixed"] == pytest.approx(FIXED, rel=0.01) and stored["scale"] == pytest.approx(1, rel=0.01)
    assert (stored["networks"], stored["operators"]) == (26, 26 * OPERATORS)
    assert stored["held_out"]["networks"] == 24 and stored["held_out"]["bound"] < 0.01
    unseen = (5, [3, 30, 4, 17, 9])
    predicted = load_latency_model(tmp_path / MODEL).predict(file_shapes(pointwise_stack(*unseen)))
    truth = FIXED + sum(A_CALL + A_MAC * work for work in macs(*unseen))
    assert predicted.value == pytest.approx(truth, rel=0.01) and predicted.unit == "us"


def test_an_interrupted_fit_goes_on_where_it_was(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="went away"):
        fit_target(FitTarget(HERE, Device(breaks_after=10)), tmp_path, PROBES_DRAWN)
    assert not (tmp_path / MODEL).exists()
    assert [network["name"] for network in read_json(tmp_path / PROFILES)["networks"]] == [
        probe.name for probe in PROBES_DRAWN[:10]
    ]
    device = Device()
    resumed = fit_target(FitTarget(HERE, device), tmp_path, PROBES_DRAWN)
    assert device.profiled == [f"{probe.name}-none.tflite" for probe in PROBES_DRAWN[10:]]
    assert resumed == fit_target(FitTarget(HERE, Device()), tmp_path / "whole", PROBES_DRAWN)


def test_profiles_of_other_circumstances_are_not_mixed(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="needs 300 operators"):
        fit_target(FitTarget(HERE, Device()), tmp_path, PROBES_DRAWN[:1])
    other = replace(HERE, cpu="another processor")
    with pytest.raises(BenchmarkError, match="another processor.*choose another --out"):
        fit_target(FitTarget(other, Device()), tmp_path, PROBES_DRAWN)


def test_a_probe_is_converted_once(tmp_path: Path) -> None:
    path = keep_probe(PROBES_DRAWN[0], "none", tmp_path / PROBES)
    assert path == tmp_path / PROBES / "small-none.tflite"
    assert [shape.work for shape in file_shapes(path)] == [2 * 2 * 2 * 2] * OPERATORS
    path.write_bytes(b"kept")
    assert keep_probe(PROBES_DRAWN[0], "none", tmp_path / PROBES).read_bytes() == b"kept"
