"""Latency: a label of its own for every run, the same numbers as in the records."""

from typing import Any

import pytest

from tfkws.views.latency import binary_table, latency_samples, latency_table, latency_warnings, run_labels

Records = dict[str, dict[str, Any]]


@pytest.fixture
def results(first_run: Records) -> list[dict[str, Any]]:
    return [first_run["benchmark-int8"], first_run["benchmark-none"]]


@pytest.mark.parametrize(
    ("change", "labels"),
    [
        ({"kernels": "builtin"}, ["int8.tflite, xnnpack kernels", "int8.tflite, builtin kernels"]),
        ({"threads": 4}, ["int8.tflite, 1 threads", "int8.tflite, 4 threads"]),
        ({"runtime": "tf"}, ["int8.tflite, litert", "int8.tflite, tf"]),
        ({"target": "ssh://pi"}, ["int8.tflite, local", "int8.tflite, ssh://pi"]),
        ({"median_us": 1.0}, ["int8.tflite (1)", "int8.tflite (2)"]),
        (
            {"threads": 2, "kernels": "builtin"},
            ["int8.tflite, xnnpack kernels, 1 threads", "int8.tflite, builtin kernels, 2 threads"],
        ),
    ],
)
def test_runs_of_one_file_are_told_apart(
    results: list[dict[str, Any]], change: dict[str, Any], labels: list[str]
) -> None:
    both = [results[0], results[0] | change, results[1]]
    assert run_labels(both) == [*labels, "none.tflite"]
    assert list(latency_samples(both)) == [*labels, "none.tflite"]


def test_one_row_a_file(results: list[dict[str, Any]]) -> None:
    table = latency_table(results)
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    assert (shown["file"], shown["median"], shown["95 %"]) == ("int8.tflite", "623 µs", "602–638 µs")
    assert (shown["runs"], shown["threads"], shown["target"]) == ("1500", "1", "local")
    grown = results[0]["peak_rss_bytes"] - results[0]["rss_before_bytes"]
    assert shown["memory"] == f"{grown / 2**20:.3g} MiB"
    assert "ratio" not in table.columns
    assert table.note.count("AMD EPYC") == 1  # both were measured on one machine


def test_ratios_and_names(results: list[dict[str, Any]]) -> None:
    table = latency_table(results, ratios=(1.0, 0.7286), base="int8.tflite", names=("a", "b"))
    ratio = table.columns.index("ratio")
    assert [(row[0], row[ratio]) for row in table.rows] == [("a", "1.00"), ("b", "0.73")]
    assert "median of int8.tflite" in table.note


def test_every_machine_is_told(results: list[dict[str, Any]]) -> None:
    board = results[0] | {"target": "ssh://pi", "before": results[0]["before"] | {"cpu": "Cortex-A76"}}
    note = latency_table([results[0], board]).note
    assert "AMD EPYC" in note and "ssh://pi: Cortex-A76" in note


def test_samples_are_all_runs_in_microseconds(results: list[dict[str, Any]]) -> None:
    samples = latency_samples(results)["int8.tflite"]
    assert len(samples) == results[0]["runs"]
    assert min(samples) == results[0]["min_us"]


def test_warnings_name_the_run(results: list[dict[str, Any]]) -> None:
    warnings = latency_warnings(results)
    assert len(warnings) == sum(len(result["warnings"]) for result in results)
    assert warnings[0].startswith("int8.tflite: ")


def test_the_binary_tells_means_and_extremes(results: list[dict[str, Any]]) -> None:
    process = {"runs": 50, "mean_us": 100.0, "min_us": 90.0, "max_us": 200.0, "init_us": 1500.0}
    result = {
        "model": "int8.tflite",
        "mean_us": 105.0,
        "processes": [process, process | {"mean_us": 110.0, "min_us": 80.0, "max_us": 150.0}],
        "threads": 1,
        "kernels": "xnnpack",
        "binary_sha256": "0123456789abcdef",
        "input_source": "noise",
        "before": results[0]["before"],
    }
    table = binary_table([result, result | {"kernels": "builtin"}])
    expected = ("105 µs", "80 µs", "200 µs", "100 µs, 110 µs", "1", "xnnpack", "1.5 ms")
    assert table.rows[0] == ("int8.tflite, xnnpack kernels", *expected)
    assert "sha256 0123456789ab)" in table.note
