"""Tables and sentences of a GPU's operators: the word software stands with every time of a software adapter."""

import re
from typing import Any

import pytest
from gpu_profiles import profile

from tfkws.profiling.explain.profile_comparison import compare
from tfkws.views.comparison import comparison_sentences, comparison_table, operators_table
from tfkws.views.gpu_operators import gpu_operator_table, gpu_sentences, gpu_tables

TIME = re.compile(r"[\d.]+ (?:µs|ms|s)\b")


def cpu() -> dict[str, Any]:
    rows = [
        {"index": n, "opcode": code, "name": name, "macs": macs, "weight_bytes": 4, "bytes_moved": 40, "time_us": us,
         "method": "profiler"}
        for n, (code, name, macs, us) in enumerate(
            [("CONV_2D", "conv", 1000, 40.0), ("FULLY_CONNECTED", "logits", 10, 8.0), ("SOFTMAX", "p", 0, 2.0)]
        )
    ]  # fmt: skip
    return {
        "model": "m.tflite", "model_sha256": "ab", "number_type": "float32", "runtime": "litert", "threads": 1,
        "runtime_version": "2.3.0", "kernels": "xnnpack", "machine": {"cpu": "C"}, "whole_us": 51.0, "rows": rows,
    }  # fmt: skip


def test_neighbours_are_one_row_with_their_names_and_both_figures() -> None:
    table = gpu_operator_table(profile(software=False))
    assert table.columns == ("", "operators", "layers", "time", "95 %", "share", "alone", "MACs", "GMAC/s")
    assert table.rows[1][:7] == (
        "1-2", "FULLY_CONNECTED + SOFTMAX", "logits + probabilities", "20 µs", "15–25 µs", "20.0 %", "25 µs",
    )  # fmt: skip
    assert "software" not in f"{table} {gpu_sentences(profile(software=False))}"


@pytest.mark.parametrize("software", [True, False])
def test_what_the_accelerator_tells_of_its_kernels_is_a_table_of_its_own(software: bool) -> None:
    values = profile(software=software)
    assert len(gpu_tables(values)) == 1
    told = [{"kernel": "conv 1", "operator": None, "time_us": 30.0}, {"kernel": "p", "operator": 2, "time_us": 10.0}]
    _, table = gpu_tables({**values, "kernels": told})
    assert table.rows == (("conv 1", "", "30 µs", "75.0 %"), ("p", "2", "10 µs", "25.0 %"))
    assert "They sum to 40 µs" in table.note and ("software" in f"{table.title}{table.columns}") is software


def test_software_stands_with_every_time() -> None:
    values = profile()
    table = gpu_operator_table(values)
    assert {"time (software)", "alone (software)"} <= set(table.columns)
    assert "(software adapter)" in table.title and not TIME.search(table.note)
    for sentence in gpu_sentences(values):
        assert len(TIME.findall(sentence)) <= sentence.count("software") + sentence.count("–")
    found = compare(cpu(), values)
    assert {"time 2 (software)", "difference (software)"} <= set(comparison_table(found).columns)
    assert {"time", "time 2 (software)", "2 / 1 (software)"} <= set(operators_table(found).columns)
    said = comparison_sentences(found)[0]
    assert said == (
        "The second takes 2 times as long as the first (100 µs (software) against 50 µs). Times of a software adapter "
        "say nothing about a GPU."
    )


def test_a_files_operators_stand_beside_each_other() -> None:
    table = operators_table(compare(cpu(), profile(software=False)))
    assert [(row[0], *row[-3:]) for row in table.rows] == [
        ("0", "40 µs", "80 µs", "2.00"), ("1-2", "10 µs", "20 µs", "2.00"),
    ]  # fmt: skip
    assert "litert-gpu 2.3.0, float32, by prefixes; SwiftShader." in table.note


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (profile(), "All operators run on the accelerator."),
        (profile(refused="no"), "2 operators run on the accelerator and 1 on the CPU; the accelerator refuses 2 SOFT"),
        (profile(last_us=None), "The rows sum to 100 µs (software), an empty call 50 µs (software), the whole"),
        (profile(), "The longest prefix takes 150 µs (software), the whole 152 µs (150–155 µs) (software) (-1.3 %)"),
        (profile(), "It gives no events."),
        (profile(), "operators sum to 115 µs (software); with an empty call +8.6 % of the whole."),
    ],
)  # fmt: skip
def test_sentences(values: dict[str, Any], expected: str) -> None:
    assert any(expected in sentence for sentence in gpu_sentences(values))


def test_what_is_left_to_the_cpu_has_a_column() -> None:
    table = gpu_operator_table(profile(refused="no"))
    assert table.columns[-1] == "left to the CPU"
    assert [row[-1] for row in table.rows] == ["", "SOFTMAX: no"]
