"""Times joined with what the operators of the tiny network compute: 8 x 6 map, four 3 x 3 filters, dense 4 to 3."""

from collections.abc import Callable

import pytest

from tfkws.profiling.explain.roofline import Level, Roofline
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.profile.agreement import Whole
from tfkws.tflite.profile.kernel_events import KernelRow
from tfkws.tflite.profile.kernel_map import KernelMap
from tfkws.tflite.profile.op_table import UNKNOWN, Conditions, OpProfile, Timed, assemble
from tfkws.tflite.targets.machine import read_machine
from tfkws.units import format_us

CONV_MACS, DENSE_MACS = 8 * 6 * 3 * 3 * 4, 4 * 3
TIMED: list[Timed] = [
    (("Convolution",), 300.0, "profiler"), ((), 0.0, "folded"), (("Fully Connected",), 75.0, "profiler"),
    (("Softmax",), 25.0, "submodel"),
]  # fmt: skip
LIMITS = Roofline(
    "2026", "litert", "1", "xnnpack", 1, {"float32": 1e9, "int8": 1e9}, {}, 1e9, 0.1,
    (Level("memory", None, 1e9, 1e9),), {},
)  # fmt: skip


def table(file: TfliteFile, mapped: KernelMap | None = None, roofline: Roofline | None = None) -> OpProfile:
    """Join `TIMED` with the tiny network, whose whole took 402 µs."""
    conditions = Conditions("profiler", "xnnpack", 1, "litert", "2.3.0", 50)
    return assemble("tiny.tflite", file, TIMED, mapped, conditions, Whole(402.0, 0.01), roofline, "raw", read_machine())


def test_rows_hold_shares_and_costs_by_hand(converted: Callable[[str], TfliteFile]) -> None:
    found = table(converted("none"))
    assert [row.opcode for row in found.rows] == ["CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
    assert [row.share for row in found.rows] == pytest.approx([0.75, 0, 0.1875, 0.0625])
    conv, mean, dense, _ = found.rows
    assert (conv.macs, dense.macs) == (CONV_MACS, DENSE_MACS)
    assert conv.weight_bytes == 4 * (3 * 3 * 4 + 4)
    assert conv.bytes_moved == conv.weight_bytes + 4 * (8 * 6 + 8 * 6 * 4)
    assert conv.gmacs_per_s == pytest.approx(CONV_MACS / 300e-6 / 1e9)
    assert conv.intensity == pytest.approx(CONV_MACS / conv.bytes_moved)
    assert (mean.gmacs_per_s, mean.intensity, conv.roofline_share) == (None, None, None)


def test_the_sum_is_held_against_the_whole(converted: Callable[[str], TfliteFile]) -> None:
    found = table(converted("none"))
    assert (found.sum_us, found.whole_us, found.agrees) == (400.0, 402.0, True)
    assert found.difference == pytest.approx(400 / 402 - 1)
    assert "raw_text" not in found.to_dict()


def test_rows_stand_under_the_roofline_unless_folded(converted: Callable[[str], TfliteFile]) -> None:
    """One multiplication or byte each nanosecond."""
    conv, mean, _, softmax = table(converted("none"), roofline=LIMITS).rows
    assert conv.roofline_share == pytest.approx(max(CONV_MACS, conv.bytes_moved) / 300e3)
    assert (conv.limit, softmax.limit) == ("multiply rate", "memory")
    assert (mean.limit, mean.roofline_share) == (None, None)


def test_what_could_not_be_mapped_is_warned_of(converted: Callable[[str], TfliteFile]) -> None:
    mapped = KernelMap(((), (), (), ()), (KernelRow("Brand New", None, 7.0),), (3,))
    foreign, missing = table(converted("none"), mapped).warnings
    assert foreign == f"kernel 'Brand New' ({format_us(7.0)}) belongs to no operator"
    assert missing == "operator 3 (SOFTMAX) has no kernel of its own"
    assert table(converted("none")).warnings == ()


def test_alike_warnings_are_one(converted: Callable[[str], TfliteFile]) -> None:
    foreign = tuple(KernelRow("Brand New", None, 2.0) for _ in range(7))
    warnings = table(converted("none"), KernelMap(((), (), (), ()), foreign, (0, 3))).warnings
    assert warnings == (
        f"7 kernels 'Brand New' ({format_us(14.0)} together) belong to no operator",
        "operator 0 (CONV_2D) has no kernel of its own",
        "operator 3 (SOFTMAX) has no kernel of its own",
    )


def test_an_unknown_time_stands_under_no_limit(
    converted: Callable[[str], TfliteFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "TIMED", [*TIMED[:3], ((), 0.0, UNKNOWN)])
    softmax = table(converted("none"), roofline=LIMITS).rows[-1]
    assert (softmax.method, softmax.time_us, softmax.roofline_share) == ("unknown", 0.0, None)
