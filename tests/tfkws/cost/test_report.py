"""Cost reports: every total is the sum of its rows, by class and over all."""

import json

from tfkws.cost.report import ClassTotal, CostReport, CostRow

ROWS = (
    CostRow("a", "Conv2D", (4, 4, 2), params=20, macs=300, fpops_eq1=600, weight_bytes=80),
    CostRow("b", "Activation", (4, 4, 2), zero_reason="no multiplication"),
    CostRow("c", "Conv2D", (4, 4, 3), params=7, macs=100, fpops_eq1=200, weight_bytes=28),
    CostRow("d", "Dense", (3,), params=12, macs=9, weight_bytes=48),
)
REPORT = CostReport("small", "keras", (4, 4, 1), ROWS, 128)


def test_totals_are_sums_of_rows() -> None:
    assert (REPORT.params, REPORT.macs, REPORT.fpops_eq1, REPORT.weight_bytes) == (39, 409, 800, 156)


def test_classes_are_summed_in_order_of_first_appearance() -> None:
    assert REPORT.by_class() == (
        ClassTotal("Conv2D", 2, 27, 400),
        ClassTotal("Activation", 1, 0, 0),
        ClassTotal("Dense", 1, 12, 9),
    )


def test_a_class_without_rows_is_zero() -> None:
    assert REPORT.total_of("Transform") == ClassTotal("Transform", 0, 0, 0)


def test_json_holds_totals_classes_and_rows() -> None:
    stored = json.loads(json.dumps(REPORT.to_dict()))
    assert (stored["macs"], stored["peak_activation_bytes"], stored["input_shape"]) == (409, 128, [4, 4, 1])
    assert [row["name"] for row in stored["rows"]] == ["a", "b", "c", "d"]
    assert [total["layers"] for total in stored["by_class"]] == [2, 1, 1]
