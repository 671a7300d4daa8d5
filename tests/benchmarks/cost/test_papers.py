"""A's parameter column with its two wrong cells, and B's Table II to the printed digit."""

import json

import pytest
from weightless import weightless

from benchmarks.cost.papers import PAPER_A, PAPER_B, operation_rows, operation_table, parameter_table
from benchmarks.records import PUBLISHED, ROOT
from tfkws.cost import count
from tfkws.cost.report import NOT_SEEN, CostReport, as_thop
from tfkws.models.catalogue import CATALOGUE

COST = PUBLISHED / "cost"
GOLDEN = json.loads((ROOT / "tests" / "golden" / "costs.json").read_text())
# Scales and shifts of the normalisations, and the dense layer: THOP's whole view of the two EfficientNets.
THOP_EFFICIENTNETS = {"efficientnet_b1": 64_610, "efficientnet_b7": 315_842}


@pytest.fixture(scope="module")
def paper_b() -> dict[str, CostReport]:
    return {name: count(weightless(name, (40, 32, 1), 10)) for name in PAPER_B}


def test_table_ii_to_the_printed_digit(paper_b: dict[str, CostReport]) -> None:
    rows = operation_rows(paper_b)
    assert [row.mfpops for row in rows] == [row.printed_mfpops for row in rows]
    assert len(rows) == 13


def test_table_i_of_paper_b(paper_b: dict[str, CostReport]) -> None:
    """Its five rows; the third is printed 87.61 where Table II's exact value is 87.616."""
    mfpops = {row.name: 2 * row.conv_macs / 1e6 for row in operation_rows(paper_b)}
    printed = {"seed_cnn": 581.12, "kws12": 17.22, "kws3": 87.61, "kws2": 167.68, "kws1": 223.44}
    assert all(abs(mfpops[name] - value) < 0.01 for name, value in printed.items())


def test_equation_1_literally(paper_b: dict[str, CostReport]) -> None:
    assert f"{paper_b['seed_cnn'].fpops_eq1 / 1e6:.2f}" == "613.18"


def test_thop_sees_norms_and_dense_layers_of_an_efficientnet_only() -> None:
    report = as_thop(count(weightless("efficientnet_b1", (32, 32, 1), 2)), "efficientnet")
    assert report.params == THOP_EFFICIENTNETS["efficientnet_b1"]
    assert {row.layer_class for row in report.rows if row.params} == {"BatchNorm", "Dense"}
    assert all(row.zero_reason == NOT_SEEN for row in report.rows if row.layer_class.endswith("Conv2D"))


def test_thop_sees_all_of_the_other_families() -> None:
    report = count(weightless("kws12", (40, 32, 1), 10))
    assert as_thop(report, "seed_cnn") is report


def test_the_published_parameter_column_rounds_to_the_printed_one() -> None:
    rows = json.loads((COST / "paper_a_parameters.json").read_text())
    assert [row["name"] for row in rows] == list(PAPER_A)
    for row in rows:
        seen = THOP_EFFICIENTNETS.get(row["name"], GOLDEN[row["name"]]["params"])
        assert row["thop_params"] == seen
        assert f"{seen:.2E}" == row["printed_params"] == PAPER_A[row["name"]][2]
        assert (row["params"], row["macs"]) == (GOLDEN[row["name"]]["params"], GOLDEN[row["name"]]["macs"])


def test_the_published_files_belong_to_this_zoo(paper_b: dict[str, CostReport]) -> None:
    assert (COST / "models.json").read_text() == CATALOGUE.read_text()
    assert (COST / "paper_b_table_ii.md").read_text() == operation_table(operation_rows(paper_b)).to_markdown()
    text = (COST / "paper_a_parameters.md").read_text()
    assert all(f"{GOLDEN[name]['params']:,}" in text for name in PAPER_A)
    assert parameter_table(()).title in text
