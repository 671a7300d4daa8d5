"""The model that a search takes says the same as the law it was fitted to, for networks that are not built."""

import json

import pytest

from benchmarks.profile.gpu.measured import GpuTime, Work
from benchmarks.profile.gpu.page import MODEL
from benchmarks.profile.gpu.search_model import search_model
from benchmarks.records import PUBLISHED
from tfkws.errors import PredictionError
from tfkws.models.conv_units import decode_units
from tfkws.tflite.latency_model.model import LatencyModel, load_latency_model
from tfkws.tflite.latency_model.operator_shapes import OperatorShape, seed_cnn_shapes

OPCODES = ("CONV_2D", "FULLY_CONNECTED", "MEAN", "SOFTMAX")
WORKS = {
    f"n{i}": Work(operators, multiplying, 0, macs, moved // 2, moved, macs // 2, moved // 3, OPCODES)
    for i, (operators, multiplying, macs, moved) in enumerate(
        ((9, 7, 290_000_000, 4_900_000), (9, 7, 8_600_000, 1_100_000), (67, 53, 6_000_000, 10_000_000),
         (25, 19, 416_000_000, 158_000_000), (594, 274, 117_000_000, 282_000_000), (68, 53, 6_200_000, 13_000_000))
    )
}  # fmt: skip


def latency(work: Work) -> float:
    return 150 + 20 * work.multiplying + 1e-7 * work.macs + 1e-6 * work.moved_bytes


def model() -> LatencyModel:
    times = {name: GpuTime(latency(work), 1.0, 2.0, 3.0, 4.0, True) for name, work in WORKS.items()}
    return search_model(WORKS, times, "a card", "jax 0")


def test_a_candidate_costs_what_the_law_says() -> None:
    shapes = seed_cnn_shapes(decode_units(convs="3x3,8 1x1,4"), (40, 32, 1), 10, "none")
    macs = sum(shape.work for shape in shapes if shape.kind not in ("MEAN", "SOFTMAX"))
    moved = sum(shape.bytes_moved for shape in shapes)
    assert model().predict(shapes).value == pytest.approx(150 + 20 * 3 + 1e-7 * macs + 1e-6 * moved)
    assert model().held_out.bound == pytest.approx(0, abs=1e-6)


def test_what_is_larger_than_all_that_was_measured_is_refused() -> None:
    huge = OperatorShape("CONV_2D", 10**12, 100, 100, 10, 1000)
    with pytest.raises(PredictionError, match="The latency model of gpu knows CONV_2D operators"):
        model().predict([huge])
    with pytest.raises(PredictionError, match="Received a network with GATHER"):
        model().predict([OperatorShape("GATHER", 10, 1, 1, 1, 10)])


def test_the_published_model_is_one_of_a_gpu_and_can_be_read() -> None:
    for path in PUBLISHED.glob(f"profile/gpu/*/{MODEL}"):
        published = load_latency_model(path)
        assert (published.circumstances.target, published.circumstances.unit) == ("gpu", "us")
        assert LatencyModel.from_dict(json.loads(path.read_text())) == published
