"""The models of a core and of a GPU find the laws that times were made of."""

from dataclasses import replace

import pytest

from benchmarks.profile.gpu.measured import GpuTime, Work
from benchmarks.profile.gpu.models import (
    cpu_model,
    family_of,
    gpu_models,
    kernel_counts,
    kernels_a_multiplying_operator,
)

WORKS = {
    name: Work(operators, multiplying, 0, macs, weights, 2 * weights, macs // 2, weights)
    for name, operators, multiplying, macs, weights in (
        ("seed_cnn", 9, 7, 290_000_000, 1_800_000), ("kws12", 9, 7, 8_600_000, 55_000),
        ("dscnn", 67, 53, 6_000_000, 8_800_000), ("cnn", 25, 19, 416_000_000, 155_000_000),
        ("efficientnet_b7", 594, 274, 117_000_000, 255_000_000), ("mnasnet1_0", 68, 53, 6_200_000, 12_300_000),
    )
}  # fmt: skip


def gpu_time(work: Work) -> GpuTime:
    kernels = 3 * work.multiplying
    busy = 10 + 1.5 * kernels + 1e-7 * work.macs + 2e-6 * work.weight_bytes
    return GpuTime(200 + 6 * kernels + 2e-6 * work.weight_bytes, 1.0, 2.0, busy, kernels, True)


TIMES = {name: gpu_time(work) for name, work in WORKS.items()}


def test_a_core_that_pays_for_arithmetic_and_bytes() -> None:
    measured = {name: 2e-5 * work.macs + 1e-5 * work.weight_bytes for name, work in WORKS.items()}
    model = cpu_model(WORKS, measured)
    assert model.prices == pytest.approx((0, 2e-5, 1e-5), abs=1e-9)
    assert model.left_out == pytest.approx(measured)
    assert model.median_error == pytest.approx(0, abs=1e-9)


def test_a_gpu_that_pays_for_launches() -> None:
    latency, busy = gpu_models(WORKS, TIMES)
    assert latency.prices == pytest.approx((200, 6, 0, 2e-6), abs=1e-9)
    assert busy.prices == pytest.approx((10, 1.5, 1e-7, 2e-6))
    assert busy.left_out == pytest.approx({name: time.busy_us for name, time in TIMES.items()})
    assert busy.family_left_out == pytest.approx(busy.left_out)


def test_kernels_that_nobody_counted_follow_from_the_operators() -> None:
    fewer = {name: time for name, time in TIMES.items() if name != "cnn"}
    assert kernels_a_multiplying_operator(WORKS, fewer) == pytest.approx(3)
    assert kernel_counts(WORKS, fewer)["cnn"] == pytest.approx(57)
    counted = fewer | {"dscnn": replace(TIMES["dscnn"], kernels=150)}
    assert kernel_counts(WORKS, counted)["dscnn"] == 150


def test_paper_bs_networks_are_one_family() -> None:
    assert family_of("kws3") == family_of("seed_cnn") != family_of("dscnn")
