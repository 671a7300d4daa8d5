"""Operators of a published run, with and without the machine's limits."""

from typing import Any

from tfkws.profiling.explain.roofline import Level, Roofline
from tfkws.views.operators import class_table, limits_sentence, operator_table, operators_sentence

Records = dict[str, dict[str, Any]]
LIMITS = Roofline(
    "2026-11-25", "litert", "2", "xnnpack", 1, {"float32": 50e9, "int8": 200e9}, {}, 40e9, 0.02,
    (Level("L2", 1 << 20, 100e9, 90e9), Level("memory", None, 20e9, 25e9)), {},
)  # fmt: skip


def test_every_operator_with_its_cost(first_run: Records) -> None:
    table = operator_table(first_run["profile-int8"])
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    assert (shown["operator"], shown["layer"], shown["time"], shown["share"]) == (
        "CONV_2D",
        "unit1_conv",
        "86.7 µs",
        "13.6 %",
    )
    assert (shown["MACs"], shown["GMAC/s"], shown["bytes moved"]) == ("230 k", "2.7", "26.8 KiB")
    assert (shown["MACs/B"], shown["roofline"]) == ("", "")  # the record is older than the limits
    assert len(table.rows) == len(first_run["profile-int8"]["rows"])


def test_a_folded_operator_takes_no_time(first_run: Records) -> None:
    profile = first_run["profile-int8"]
    rows = [profile["rows"][0] | {"method": "folded", "time_us": 0.0}]
    assert operator_table(profile | {"rows": rows}).rows[0][3] == "folded"


def test_what_of_the_limits_is_reached(first_run: Records) -> None:
    profile = first_run["profile-int8"]
    row = profile["rows"][0] | {"intensity": 8.4, "roofline_share": 0.2, "limit": "multiply rate"}
    profile = profile | {"rows": [row], "roofline": LIMITS.to_dict(), "number_type": "float32"}
    table = operator_table(profile)
    assert table.rows[0][8:10] == ("8.4", "20.0 % of multiply rate")
    assert limits_sentence(profile) == (
        "Limits measured 2026-11-25: 50 GMAC/s in float32, 200 GMAC/s in int8; "
        "L2 100 GB/s (knee 0.5 MACs/B), memory 25 GB/s (knee 2.0 MACs/B)."
    )
    assert table.note.endswith(limits_sentence(profile))


def test_a_profile_of_a_target_names_it_and_has_no_column_of_limits(first_run: Records) -> None:
    here = operator_table(first_run["profile-int8"])
    there = operator_table(first_run["profile-int8"] | {"target": "ssh://pi@board", "roofline": None})
    assert set(here.columns) - set(there.columns) == {"roofline"}
    assert there.rows[0][:8] == here.rows[0][:8]
    assert there.note.startswith("ssh://pi@board: ")
    assert "The limits (roofline) of a target are not measured" in there.note
    assert "roofline" not in there.fitted(60).note.partition("Left out for want of width")[2]


def test_the_sum_is_held_against_the_whole(first_run: Records) -> None:
    assert operators_sentence(first_run["profile-int8"]) == "Sum 639 µs, unprofiled whole 639 µs (-0.0 %)."
    assert limits_sentence(first_run["profile-int8"]) == ""


def test_classes_sum_to_the_whole(first_run: Records) -> None:
    profile = first_run["profile-int8"]
    table = class_table(profile)
    assert sum(int(row[1]) for row in table.rows) == len(profile["rows"])
    conv = dict(zip(table.columns, table.rows[0], strict=True))
    assert (conv["layer class"], conv["operators"], conv["time"], conv["MACs"], conv["GMAC/s"]) == (
        "Conv2D",
        "6",
        "634 µs",
        "13.2 M",
        "20.8",
    )
    assert dict(zip(table.columns, table.rows[1], strict=True))["GMAC/s"] == ""  # pooling multiplies nothing
