"""The result of a profile on a GPU, as its file holds it."""

import json

import pytest

from tfkws.profiling.measure.gpu_operators import KIND, GpuOperator, GpuProfile, GpuRow


def operator(index: int, alone_us: float | None) -> GpuOperator:
    return GpuOperator(index, "CONV_2D", f"l{index}", "Conv2D", 10, 2, 8, 16, alone_us, "")


def test_a_row_sums_what_its_operators_take_alone() -> None:
    both = (operator(0, 3.0), operator(1, 4.5))
    assert GpuRow(both, 5.0, (4.0, 6.0), "prefixes", 1.0).alone_us == pytest.approx(7.5)
    assert GpuRow((both[0], operator(1, None)), 5.0, None, "prefixes", 1.0).alone_us is None


def test_the_file_says_what_it_is_and_holds_each_rows_sum() -> None:
    row = GpuRow((operator(0, 3.0),), 5.0, (4.0, 6.0), "prefixes", 1.0)
    profile = GpuProfile(
        "m.tflite", "ab", "float32", "prefixes", "litert-gpu", "2.3.0", 1, 10, 10, {}, "", (), 9.0, (8.0, 10.0), 9.0,
        4.0, 5.0, 0.0, True, 3.0, -0.2, (), {}, (row,),
    )  # fmt: skip
    plain = json.loads(json.dumps(profile.to_dict()))
    assert (plain["kind"], plain["rows"][0]["alone_us"], plain["rows"][0]["interval_us"]) == (KIND, 3.0, [4.0, 6.0])
    assert plain["rows"][0]["operators"][0]["opcode"] == "CONV_2D"
