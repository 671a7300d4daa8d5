"""One file's operators in two profiles: joined by number, added up where one of the two cannot tell them apart."""

from typing import Any

import pytest

from tfkws.profiling.explain.operators_beside import operators_beside
from tfkws.profiling.measure.gpu_operators import KIND

CPU = {
    "model_sha256": "a",
    "rows": [
        {"index": n, "opcode": code, "name": f"l{n}", "macs": 100 * n, "time_us": us, "method": how}
        for n, (code, us, how) in enumerate(
            [("PAD", 0.0, "folded"), ("CONV_2D", 20.0, "profiler"), ("RELU", 2.0, "submodel"), ("SOFTMAX", 1.0, "x")]
        )
    ],
}


def gpu(*rows: tuple[tuple[int, ...], float, str], sha256: str = "a", refused: int = -1) -> dict[str, Any]:
    """A profile of rows: operators, time and method."""
    operators = [{**{k: row[k] for k in ("index", "opcode", "name", "macs")}, "refused": ""} for row in CPU["rows"]]  # type: ignore[index]
    if refused >= 0:
        operators[refused]["refused"] = "no"
    plain = [{"operators": [operators[n] for n in held], "time_us": us, "method": how} for held, us, how in rows]
    return {"kind": KIND, "model_sha256": sha256, "rows": plain}


def test_a_joined_row_stands_against_the_sum_of_the_cpus() -> None:
    profile = gpu(((0, 1, 2), 11.0, "prefixes"), ((3,), 5.0, "prefixes"))
    first, second = operators_beside(CPU, profile)
    assert (first.operators, first.opcode, first.name) == ((0, 1, 2), "PAD + CONV_2D + RELU", "l0 + l1 + l2")
    assert (first.first_us, first.second_us, first.ratio, first.macs) == (22.0, 11.0, pytest.approx(0.5), 300)
    assert (second.operators, second.first_us, second.second_us, second.ratio) == ((3,), 1.0, 5.0, 5.0)
    assert operators_beside(profile, CPU)[0].ratio == pytest.approx(2)


def test_what_is_folded_or_unknown_has_no_time() -> None:
    profile = gpu(((0,), 0.0, "folded"), ((1,), 7.0, "prefixes"), ((2,), 0.0, "unknown"), ((3,), 1.0, "prefixes"))
    found = operators_beside(CPU, profile)
    assert [(each.first_us, each.second_us) for each in found] == [(None, None), (20.0, 7.0), (2.0, None), (1.0, 1.0)]
    assert [each.ratio for each in found] == [None, pytest.approx(0.35), None, 1.0]


def test_two_gpus_with_other_rows_meet_in_the_smallest_that_both_tell() -> None:
    one = gpu(((0, 1), 5.0, "prefixes"), ((2,), 1.0, "prefixes"), ((3,), 1.0, "prefixes"))
    other = gpu(((0,), 1.0, "prefixes"), ((1, 2), 6.0, "prefixes"), ((3,), 2.0, "prefixes"))
    found = operators_beside(one, other)
    assert [(each.operators, each.first_us, each.second_us) for each in found] == [((0, 1, 2), 6, 7), ((3,), 1, 2)]


def test_what_is_left_to_the_cpu_is_named() -> None:
    profile = gpu(((0, 1, 2), 11.0, "prefixes"), ((3,), 5.0, "prefixes"), refused=1)
    assert [each.refused for each in operators_beside(CPU, profile)] == ["CONV_2D: no", ""]


def test_other_files_and_two_cpus_have_no_operators_beside() -> None:
    profile = gpu(((0, 1, 2, 3), 11.0, "prefixes"), sha256="b")
    assert operators_beside(CPU, profile) == operators_beside(CPU, CPU) == ()
    assert operators_beside({**CPU, "model_sha256": None}, {**profile, "model_sha256": None}) == ()
