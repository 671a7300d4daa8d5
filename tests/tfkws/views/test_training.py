"""Settings of a published run; seeds; before and after a compression."""

from typing import Any

from tfkws.views.training import before_after_tables, seeds_table, settings_table

Records = dict[str, dict[str, Any]]


def test_settings_of_a_run(first_run: Records) -> None:
    facts = {
        row[0]: row[1] for row in settings_table(first_run["config"], first_run["training"], first_run["cost"]).rows
    }
    assert facts["optimiser"] == "adam, learning rate 0.01, cosine"
    assert (facts["iterations"], facts["seconds"], facts["weights"]) == ("2000", "1227 on tensorflow", "83.9 KiB")
    unfinished = {row[0]: row[1] for row in settings_table(first_run["config"], None, None).rows}
    assert unfinished["iterations"] == "" and "weights" not in unfinished


def test_the_mean_over_seeds() -> None:
    summary = {"accuracy": {"mean": 0.91, "interval": (0.9, 0.92), "runs": 3}}
    assert seeds_table(summary).rows == (("accuracy", "3", "91.0 %", "[90.0, 92.0] %"),)


def test_before_and_after() -> None:
    split = {
        "clips": 100,
        "accuracy": {"Keras before": {"accuracy": 0.9, "interval": [0.88, 0.92]}},
        "differences": {"int8 after - Keras before": {"difference": -0.01, "difference_interval": [-0.02, 0.0]}},
    }
    size = {"macs": 13_000_000, "params": 21_000, "float32_bytes": 1, "int8_bytes": 2048}
    record = {
        "source": "a", "synthetic_speech": True, "sizes": {"before": size, "after": size | {"macs": 6_500_000}},
        "splits": {"testing": split},
    }  # fmt: skip
    sizes, accuracies, differences = before_after_tables(record)
    assert sizes.rows[1] == ("after", "6.5 M", "21 k", "2 KiB")
    assert "testing, 100 clips, synthetic speech" in accuracies.title
    assert accuracies.note == "Intervals are over speakers."  # of a record before the baseline was kept
    guessing = before_after_tables(record | {"splits": {"testing": split | {"majority_baseline": 0.125}}})[1]
    assert guessing.note.endswith("Always the commonest answer: 12.5 %.")
    assert differences.rows == (("int8 after - Keras before", "-1.00", "[-2.00, +0.00]"),)
