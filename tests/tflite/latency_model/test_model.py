"""Latency models of a made-up device: their range, their unit, and their file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from made_up_device import HERE, INPUT, profiles

from tfkws.errors import BenchmarkError, PredictionError
from tfkws.models.conv_units import ConvUnit
from tfkws.run_folder import write_json
from tfkws.tflite.latency_model.fit import fit_latency_model
from tfkws.tflite.latency_model.model import LatencyModel, load_latency_model
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, seed_cnn_shapes


def test_outside_of_its_range_it_refuses(fitted: LatencyModel) -> None:
    def ask(*units: ConvUnit) -> None:
        fitted.predict(seed_cnn_shapes(units, INPUT, 10, "none"))

    ask(ConvUnit(3, 3, 40, 1, 2), ConvUnit(5, 5, 40))
    with pytest.raises(PredictionError, match=r"knows CONV_2D operators of .* to 160 M MACs .*Received one of 361 M;"):
        ask(ConvUnit(3, 3, 100, 1, 2), ConvUnit(3, 3, 100), ConvUnit(7, 7, 115))
    with pytest.raises(PredictionError, match=r"knows CONV_2D, .*SOFTMAX. Received a network with DEPTHWISE_CONV_2D;"):
        fitted.predict([OperatorShape("DEPTHWISE_CONV_2D", 100, 1, 10, 10, 100)])


def test_a_file_gives_the_model_back(fitted: LatencyModel, tmp_path: Path) -> None:
    write_json(tmp_path / "model.json", fitted.to_dict())
    assert (tmp_path / "model.json").stat().st_size < 20_000
    assert load_latency_model(tmp_path / "model.json") == fitted
    stored = json.loads((tmp_path / "model.json").read_text())
    with pytest.raises(BenchmarkError, match="format 2, not 1; fit it again"):
        LatencyModel.from_dict(stored | {"format": 2})
    with pytest.raises(BenchmarkError, match="This is no latency model"):
        LatencyModel.from_dict({"format": 1})


def test_instructions_stay_instructions(tmp_path: Path) -> None:
    counted = fit_latency_model(profiles(30, here=replace(HERE, unit="instructions")))
    write_json(tmp_path / "m.json", counted.to_dict())
    units = (ConvUnit(3, 3, 40, 1, 2), ConvUnit(5, 5, 40))
    prediction = load_latency_model(tmp_path / "m.json").predict(seed_cnn_shapes(units, INPUT, 10, "none"))
    assert prediction.unit == "instructions"
