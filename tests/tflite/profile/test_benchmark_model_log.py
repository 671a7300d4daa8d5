"""Logs of several versions, and what must not be read in silence. See tests/golden/logs/README.md."""

from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import ProfileParseError
from tfkws.tflite.profile.benchmark_model_log import parse_latency, parse_profile

LOGS = Path(__file__).parents[2] / "golden" / "logs"
BUILTIN = [("CONV_2D", 0, 58.0), ("MEAN", 1, 11.0), ("FULLY_CONNECTED", 2, 3.0), ("SOFTMAX", 3, 2.0)]
XNNPACK = [
    ("Convolution (NHWC, F32) IGEMM", None, 29.0),
    ("Mean (ND, F32)", None, 5.0),
    ("Fully Connected (NC, F32) GEMM", None, 2.0),
    ("Softmax (NC, F32)", None, 1.0),
]


def read(name: Any) -> Any:
    return (LOGS / name).read_text()


def rows(text: Any) -> Any:
    return [(row.kernel, row.node, pytest.approx(row.time_us)) for row in parse_profile(text)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tf2_4_builtin.txt", BUILTIN),
        ("tf2_12_xnnpack.txt", XNNPACK),
        ("tf2_16_builtin.txt", BUILTIN),
        ("tf2_16_mixed.txt", [*XNNPACK[:3], BUILTIN[3]]),
        ("tf2_4_builtin.csv", BUILTIN),
        ("tf2_16_xnnpack.csv", XNNPACK),
    ],
)
def test_every_version_gives_the_same_rows(name: str, expected: Any) -> None:
    assert rows(read(name)) == expected


def test_litert_counts_calls_over_all_runs() -> None:
    """Its stated total is that of all ten runs; builtin kernels carry the operator's number."""
    builtin = parse_profile(read("litert_2_3_builtin.txt"))
    assert [row.node for row in builtin] == [0, 1, 2, 3]
    assert [row.kernel for row in builtin] == ["CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
    stated_us = float(read("litert_2_3_builtin.txt").split("Timings (microseconds): count=4 curr=")[1].split()[0])
    assert sum(row.time_us for row in builtin) == pytest.approx(stated_us / 10, abs=2)
    assert {row.node for row in parse_profile(read("litert_2_3_xnnpack.txt"))} <= {None, 0, 1, 2, 3}


def test_the_initialisation_table_is_left_alone() -> None:
    text = read("tf2_12_xnnpack.txt")
    assert "ModifyGraphWithDelegate" in text
    assert all("Graph" not in row.kernel for row in parse_profile(text))


def test_latency_of_the_regular_runs() -> None:
    new, old = parse_latency(read("tf2_16_builtin.txt")), parse_latency(read("tf2_4_builtin.txt"))
    assert (new.runs, new.mean_us, new.min_us, new.max_us, new.std_us) == (50, 75.2, 70, 95, 4)
    assert (new.init_us, new.first_us, new.median_us) == (1310, 190, 74)
    assert old.median_us is None
    assert old.mean_us == 75.2


def test_one_row_for_a_delegate_says_what_to_do() -> None:
    with pytest.raises(ProfileParseError, match=r"TfLiteXNNPackDelegate as a single row.*--kernels builtin"):
        parse_profile(read("tf2_4_delegate.txt"))


def cut(text: Any, before: Any) -> Any:
    return text[: text.rindex(before)]


@pytest.mark.parametrize("name", ["tf2_4_builtin.txt", "tf2_12_xnnpack.txt", "tf2_16_builtin.txt"])
@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("Timings (microseconds)", "ends before its line 'Timings"),
        ("Operator-wise", "no section 'Operator-wise"),
        ("Run Order", "no 'Run Order' table"),
    ],
)
def test_truncated_logs(name: str, before: Any, reason: Any) -> None:
    with pytest.raises(ProfileParseError, match=reason):
        parse_profile(cut(read(name), before))


def test_truncated_within_the_table() -> None:
    text = read("tf2_12_xnnpack.txt")
    rows_at = text.rindex("\t              ", 0, text.rindex("Top by"))
    with pytest.raises(ProfileParseError):
        parse_profile(text[:rows_at])


def test_a_table_without_rows() -> None:
    text = read("tf2_12_xnnpack.txt").replace("Delegate/", "X/")
    section = text.index("Operator-wise")
    lines = [line for line in text[section:].splitlines() if "X/" not in line]
    with pytest.raises(ProfileParseError, match="has no rows after"):
        parse_profile(text[:section] + "\n".join(lines))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[avg ms]", "[avg us]", r"unknown: \['avg us'\], missing: \['avg ms'\]"),
        ("[Name]", "[Name]\t[extra]", "columns are not known"),
        ("[times called]", "[calls]", r"missing: \['times called'\]"),
        ("   0.029", "   0.0x9", "is no number"),
        ("GEMM:2", "GEMM", "names no operator"),
        ("\t        1\tDelegate/Mean", "\tDelegate/Mean", "has 7 cells where the header has 8"),
        ("avg=37", "avg=380", "more than 1 % off the stated total"),
        ("count=50 first=38 curr=37 min=33 max=52 avg=37 std=3", "count=0", "tells no time"),
    ],
)
def test_anything_unknown_is_loud_and_shows_the_line(old: Any, new: Any, reason: Any) -> None:
    text = read("tf2_12_xnnpack.txt")
    start = text.index("Operator-wise")
    assert old in text[start:]
    with pytest.raises(ProfileParseError, match=reason):
        parse_profile(text[:start] + text[start:].replace(old, new))


def test_a_sum_that_is_off_by_rounding_alone_is_accepted() -> None:
    """Four rows may each be off by half a microsecond."""
    text = read("tf2_12_xnnpack.txt")
    assert len(parse_profile(text.replace("max=52 avg=37", "max=52 avg=38.9"))) == 4
    with pytest.raises(ProfileParseError, match="off the stated total"):
        parse_profile(text.replace("max=52 avg=37", "max=52 avg=39.1"))


def test_logs_of_something_else() -> None:
    for text in ("", "Segmentation fault", "INFO: STARTING!\nERROR: Could not open 'model.tflite'."):
        with pytest.raises(ProfileParseError, match="enable_op_profiling"):
            parse_profile(text)
        with pytest.raises(ProfileParseError, match="0 lines of counts and no inference timings"):
            parse_latency(text)
