"""Latency models: against a made-up device whose rule is known, and against converted files."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.errors import BenchmarkError, PredictionError
from tfkws.models.conv_units import ConvUnit
from tfkws.tflite.latency_model.fit import error_bound, fit_latency_model, relative_errors
from tfkws.tflite.latency_model.forms import FORMS, TERMS, fit_form, predict_form
from tfkws.tflite.latency_model.model import LatencyModel, load_latency_model
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, seed_cnn_shapes
from tfkws.tflite.latency_model.profiles import Circumstances, NetworkProfile, ProfileSet, load_profiles

HERE = Circumstances("made-up", "us", "none", "xnnpack", 1, "1.0", "no processor")
INPUT = (40, 32, 1)


def made_up(shape: OperatorShape) -> float:
    """A device that computes 16 outputs at a time, slower at small kernels, and waits for memory."""
    padded = shape.work / shape.outputs * (-(-shape.outputs // 16) * 16)
    rate = 40_000 if shape.kind == "CONV_2D 1x1" else 60_000
    return padded / rate + shape.bytes_moved / 20_000 + 0.2


def random_units(rng: np.random.Generator) -> tuple[ConvUnit, ...]:
    sizes = [(int(rng.integers(1, 6)), round(float(np.exp(rng.uniform(0, np.log(100)))))) for _ in range(6)]
    return tuple(ConvUnit(k, k, f, 1, 1 + (i == 0)) for i, (k, f) in enumerate(sizes))


def network(units: tuple[ConvUnit, ...], rng: np.random.Generator, noise: float, **extra: Any) -> NetworkProfile:
    shapes = seed_cnn_shapes(units, INPUT, 10, "none")
    values = tuple(made_up(shape) * float(np.exp(noise * rng.normal())) for shape in shapes)
    whole = (3.0 + 1.05 * sum(map(made_up, shapes))) * float(np.exp(noise * rng.normal()))
    return NetworkProfile(f"{units}", whole, shapes, values, **extra)


def profiles(count: int, seed: int = 0, noise: float = 0.02, here: Circumstances = HERE) -> ProfileSet:
    rng = np.random.default_rng(seed)
    ends = [tuple(ConvUnit(k, k, f, 1, 1 + (i == 0)) for i in range(6)) for k in (1, 2, 5) for f in (1, 100)]
    networks = [network(units, rng, noise, anchor=True) for units in ends]
    return ProfileSet(here, (*networks, *[network(random_units(rng), rng, noise) for _ in range(count)]))


@pytest.fixture(scope="module")
def fitted() -> LatencyModel:
    return fit_latency_model(profiles(40))


def test_it_predicts_networks_that_it_has_not_seen_within_its_bound(fitted: LatencyModel) -> None:
    rng = np.random.default_rng(99)
    fresh = [network(random_units(rng), rng, 0.02) for _ in range(200)]
    errors = relative_errors(
        np.array([fitted.predict(n.operators).value for n in fresh]), np.array([n.whole for n in fresh])
    )
    assert fitted.held_out.networks == 40 and fitted.held_out.bound < 0.1
    assert np.mean(errors <= fitted.held_out.bound) >= 0.93  # 0.95 less two standard errors of 200 networks
    assert fitted.fixed == pytest.approx(3, abs=1) and fitted.scale == pytest.approx(1.05, abs=0.02)
    prediction = fitted.predict(fresh[0].operators)
    assert prediction.low < prediction.value < prediction.high
    assert prediction.value / prediction.low == pytest.approx(1 + fitted.held_out.bound)


def test_the_bound_grows_with_what_cannot_be_predicted() -> None:
    noisy = fit_latency_model(profiles(40, noise=0.3))
    assert noisy.held_out.bound > 0.3


def test_the_bound_is_the_rank_that_holds_for_one_more() -> None:
    errors = np.arange(1, 100) / 100
    assert error_bound(errors, 0.95) == pytest.approx(0.95)  # ceil(100 * 0.95) = 95th of 99
    assert error_bound(errors[:10], 0.95) == pytest.approx(0.10)  # too few: the largest
    assert relative_errors(np.array([2.0, 0.5, 1.0]), np.ones(3)) == pytest.approx([1.0, 1.0, 0.0])


@pytest.mark.parametrize("form", FORMS)
def test_every_form_grows_with_every_size(form: str) -> None:
    rng = np.random.default_rng(1)
    known = profiles(20, noise=0.2).networks
    rows = [(s, v) for n in known for s, v in zip(n.operators, n.values, strict=True) if s.kind == "CONV_2D"]
    values = np.array([value for _, value in rows])
    parameters = fit_form(form, [shape for shape, _ in rows], values, 1 / values)
    for _ in range(300):
        height, width, channels, filters, kernel = (int(n) for n in rng.integers(1, 40, size=5))
        sizes = [height, width, channels, filters, kernel]
        larger = list(sizes)
        larger[int(rng.integers(5))] += 1
        small, large = predict_form(form, parameters, [conv(*sizes), conv(*larger)])
        assert conv(*larger).work > conv(*sizes).work
        assert large >= small * (1 - 1e-9)


def conv(height: int, width: int, channels: int, filters: int, kernel: int) -> OperatorShape:
    unit = (ConvUnit(kernel, kernel, filters),)
    return replace(seed_cnn_shapes(unit, (height, width, channels), 2, "none")[0], kind="CONV_2D")


def test_terms_of_a_convolution_by_hand() -> None:
    shape = OperatorShape("CONV_2D", work=10 * 9 * 3 * 5, inputs=3, outputs=5, taps=90, bytes_moved=7)
    assert TERMS["work, outputs in 8"](shape) == 10 * 9 * 3 * 8
    assert TERMS["work, outputs in 16 and inputs in 4"](shape) == 10 * 9 * 4 * 16
    assert TERMS["taps, outputs in 8"](shape) == 90 * 8
    assert (TERMS["constant"](shape), TERMS["taps"](shape), TERMS["bytes"](shape)) == (1, 90, 7)


def test_outside_of_its_range_it_refuses(fitted: LatencyModel) -> None:
    def ask(*units: ConvUnit) -> None:
        fitted.predict(seed_cnn_shapes(units, INPUT, 10, "none"))

    ask(ConvUnit(3, 3, 40, 1, 2), ConvUnit(5, 5, 40))
    with pytest.raises(PredictionError, match=r"knows CONV_2D operators of .* to 160 M MACs .*Received one of 361 M;"):
        ask(ConvUnit(3, 3, 100, 1, 2), ConvUnit(3, 3, 100), ConvUnit(7, 7, 115))
    with pytest.raises(PredictionError, match=r"knows CONV_2D, .*SOFTMAX. Received a network with DEPTHWISE_CONV_2D;"):
        fitted.predict([OperatorShape("DEPTHWISE_CONV_2D", 100, 1, 10, 10, 100)])


def test_a_file_gives_the_model_back(fitted: LatencyModel, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model.json")
    assert (tmp_path / "model.json").stat().st_size < 20_000
    assert load_latency_model(tmp_path / "model.json") == fitted
    stored = json.loads((tmp_path / "model.json").read_text())
    with pytest.raises(BenchmarkError, match="format 2, not 1; fit it again"):
        LatencyModel.from_dict(stored | {"format": 2})
    with pytest.raises(BenchmarkError, match="This is no latency model"):
        LatencyModel.from_dict({"format": 1})
    few = profiles(3)
    few.save(tmp_path / "profiles.json")
    assert load_profiles(tmp_path / "profiles.json") == few


def test_instructions_stay_instructions(tmp_path: Path) -> None:
    counted = fit_latency_model(profiles(30, here=replace(HERE, unit="instructions")))
    counted.save(tmp_path / "m.json")
    units = (ConvUnit(3, 3, 40, 1, 2), ConvUnit(5, 5, 40))
    prediction = load_latency_model(tmp_path / "m.json").predict(seed_cnn_shapes(units, INPUT, 10, "none"))
    assert prediction.unit == "instructions"
    with pytest.raises(BenchmarkError, match="us or instructions"):
        replace(HERE, unit="ms")  # type: ignore[arg-type]


def test_too_few_profiles_are_refused() -> None:
    with pytest.raises(BenchmarkError, match="needs 300 operators in 24 networks .* Received 99 in 5"):
        fit_latency_model(profiles(5))


@pytest.mark.parametrize("recipe", ["none", "int8"])
def test_operators_are_known_before_there_is_a_file(recipe: str) -> None:
    """The closed form against a converted network whose weights are nowhere zero, as after training."""
    from tfkws.models.conv_units import decode_units
    from tfkws.tflite.convert.keras_to_tflite import convert
    from tfkws.tflite.latency_model.operator_shapes import file_shapes
    from tfkws.tflite.latency_model.probes import Probe, build_probe
    from tfkws.tflite.recipes import RECIPES

    convs, shape, classes = "4x10,7 1x1,5 3x3,6 1x1,4", (12, 9, 1), 3
    model = build_probe(Probe("p", "seed_cnn", shape, classes, {"convs": convs}))
    maps = np.random.default_rng(0).normal(size=(4, *shape)).astype(np.float32)
    content = convert(model, RECIPES[recipe], maps)
    assert file_shapes(content) == seed_cnn_shapes(decode_units(convs), shape, classes, recipe)
