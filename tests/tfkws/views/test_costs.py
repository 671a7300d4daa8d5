"""Costs in exact numbers."""

from typing import Any

from tfkws.views.costs import catalogue_table, cost_table


def test_a_network_by_class_and_by_layer(first_run: dict[str, dict[str, Any]]) -> None:
    cost = first_run["cost"]
    table = cost_table(cost)
    assert "21,170 parameters, 13,158,700 MACs" in table.title
    for column, total in (("parameters", cost["params"]), ("MACs", cost["macs"])):
        place = table.columns.index(column)
        assert sum(int(row[place].replace(",", "")) for row in table.rows) == total
    layers = cost_table(cost, per_layer=True)
    assert len(layers.rows) == len(cost["rows"])
    assert layers.rows[0][2] == "x".join(map(str, cost["rows"][0]["output_shape"]))


def test_the_zoo() -> None:
    row = {"name": "n", "family": "f", "input_shape": [40, 32, 1], "params": 2_656_768, "macs": 9, "paper": "B"}
    assert catalogue_table([row]).rows == (("n", "f", "40x32", "2,656,768", "9", "B"),)
