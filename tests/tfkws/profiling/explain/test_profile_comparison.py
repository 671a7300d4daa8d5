"""Differences and explanations on numbers made by hand."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from damage import damaged
from traced_layers import traced
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.errors import BenchmarkError, ProfileParseError
from tfkws.profiling.explain.profile_comparison import compare
from tfkws.views.comparison import comparison_sentences, comparison_table

LIMITS = {
    "when": "2026", "runtime": "litert", "runtime_version": "2", "kernels": "xnnpack", "threads": 1,
    "peak_macs_per_s": {"float32": 10e9, "int8": 40e9}, "peak_shapes": {}, "numpy_macs_per_s": 9e9, "operator_us": 0.5,
    "levels": [{"name": "memory", "capacity_bytes": None, "copy_bytes_per_s": 10e9, "read_bytes_per_s": 1e9}],
    "machine": {},
}  # fmt: skip


def test_two_traces_are_compared_by_busy_time() -> None:
    slower = traced()
    slower["rows"] = [row | {"busy_us": [2 * us for us in row["busy_us"]]} for row in slower["rows"]]
    result = compare(traced(), slower | {"device_name": "NVIDIA T4"})
    assert (result.ratio, result.first.macs, result.first.steps) == (2.0, 500, 4)
    assert sum(row.share for row in result.categories) == pytest.approx(1)
    assert comparison_sentences(result)


def operators(*rows: tuple[str, str, float, int, int], **changes: Any) -> dict[str, Any]:
    """A profile; each row is (name, opcode, µs, MACs, bytes)."""
    return {
        "model": "none.tflite", "number_type": "float32", "runtime": "litert", "runtime_version": "2",
        "kernels": "xnnpack", "threads": 1, "whole_us": 1.0, "machine": {"cpu": "C"}, "roofline": LIMITS,
        "rows": [
            {"name": name, "opcode": opcode, "method": "profiler", "time_us": us, "macs": macs, "weight_bytes": 0,
             "bytes_moved": size} for name, opcode, us, macs, size in rows
        ],
    } | changes  # fmt: skip


def layers(mode: str, device: str, times: tuple[float, ...], **changes: Any) -> dict[str, Any]:
    rows = [
        {"name": name, "layer": kind, "category": kind, "macs": macs, "weight_bytes": 4, "bytes_moved": 100,
         "samples_us": [[us]]} for (name, kind, macs), us in zip(LAYERS, times, strict=True)
    ]  # fmt: skip
    return {
        "kind": "keras-layers", "model": "net", "device": device, "device_name": device, "machine": {"cpu": "C"},
        "backend": "jax", "backend_version": "1", "mode": mode, "threads": 1, "passes": 1, "call_us": 2.0,
        "whole_compiled_us": [[1.0]], "whole_eager_us": [[9.0]], "peak_macs_per_s": 1e9, "copy_bytes_per_s": 1e9,
        "roofline": None, "rows": rows,
    } | changes  # fmt: skip


LAYERS = (("a", "Conv2D", 1_000), ("a_norm", "BatchNorm", 0), ("b", "Dense", 500))
SMALL = operators(("a", "CONV_2D", 10.0, 200_000, 1_000), ("s", "SOFTMAX", 2.0, 0, 100))
LARGE = operators(
    ("a", "CONV_2D", 30.0, 600_000, 1_000), ("j", "CONCATENATION", 50.0, 0, 200_000), ("s", "SOFTMAX", 4.0, 0, 100)
)


def test_two_networks_measured_alike() -> None:
    result = compare(SMALL, LARGE, ("small", "large"))
    assert result.ratio == pytest.approx(84 / 12)
    by_name = {c.category: c for c in result.categories}
    assert (by_name["Conv2D"].difference_us, by_name["Other"].difference_us) == (20.0, 52.0)
    assert by_name["Other"].share == pytest.approx(52 / 72)
    assert sum(c.share for c in result.categories) == pytest.approx(1)
    assert by_name["Conv2D"].first_gmacs_per_s == pytest.approx(20.0)


def test_the_facts_of_a_network() -> None:
    facts = compare(SMALL, LARGE).second
    assert (facts.steps, facts.macs, facts.bytes_moved) == (3, 600_000, 201_100)
    assert facts.macs_per_byte == pytest.approx(600_000 / 201_100)
    assert facts.gmacs_per_s == pytest.approx(600_000 / 84 / 1e3)
    assert facts.without_macs_us == 54.0
    assert facts.calls_us == pytest.approx(1.5)  # three operators of 0.5 µs
    assert (facts.below_knee_steps, facts.below_knee_us) == (2, 54.0)
    assert facts.bound_us == pytest.approx(60.0 + 20.0 + 0.01)  # MACs at 10 G/s, then bytes at 10 GB/s


def test_the_words_carry_the_numbers() -> None:
    text = " ".join(comparison_sentences(compare(SMALL, LARGE)))
    assert "7 times as long" in text
    assert "3 times the multiply-accumulates" in text
    assert "Other 72.2 %, Conv2D 27.8 %" in text
    assert "bandwidth limits 2 of its 3 steps, 64.3 % of the time" in text


def test_one_network_on_two_devices() -> None:
    result = compare(layers("compiled", "gpu", (10.0, 10.0, 10.0)), layers("compiled", "cpu", (100.0, 20.0, 30.0)))
    assert result.ratio == pytest.approx(5)
    assert {c.category: round(c.share, 3) for c in result.categories} == {
        "Conv2D": 0.75,
        "BatchNorm": 0.083,
        "Dense": 0.167,
    }
    assert result.first.calls_us == pytest.approx(6.0)


def test_layers_against_operators_of_the_same_network() -> None:
    """The multiplication of a normalisation is told by the Keras layers' names."""
    converted = operators(
        ("a", "CONV_2D", 5.0, 1_000, 10), ("a_norm", "MUL", 2.0, 0, 10), ("b", "FULLY_CONNECTED", 1.0, 500, 9)
    )
    result = compare(layers("eager", "cpu", (100.0, 20.0, 30.0)), converted)
    assert {c.category: c.second_us for c in result.categories} == {"Conv2D": 5.0, "BatchNorm": 2.0, "Dense": 1.0}


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BenchmarkError, match="Both are the same profile"):
        compare(SMALL, SMALL)
    with pytest.raises(BenchmarkError, match="two networks and also differ in setting, device"):
        compare(SMALL, LARGE | {"threads": 2, "machine": {"cpu": "D"}})
    with pytest.raises(BenchmarkError, match="differ in number_type"):
        compare(SMALL, LARGE | {"number_type": "int8"})
    with pytest.raises(BenchmarkError, match="without times"):
        compare(SMALL, operators(("a", "CONV_2D", 0.0, 200_000, 1_000)))
    with pytest.raises(ProfileParseError):
        compare(SMALL, {"median_us": 3})


def test_the_command(tmp_path: Path) -> None:
    for name, values in (("a", SMALL), ("b", LARGE), ("c", {"x": 1})):
        (tmp_path / f"{name}.json").write_text(json.dumps(values))
    run = lambda *names: CliRunner().invoke(app, ["compare", *(str(tmp_path / f"{n}.json") for n in names)])  # noqa: E731
    shown = run("a", "b")
    assert shown.exit_code == 0
    assert "7 times as long" in shown.output
    assert "Conv2D" in shown.output
    assert run("a", "c").exit_code == 1
    assert "profile again" in run("a", "c").output
    assert "does not exist" in run("a", "missing").output
    both = [str(tmp_path / "a.json"), str(tmp_path / "b.json")]
    values = json.loads(CliRunner().invoke(app, ["compare", *both, "--json"]).stdout)
    assert values["ratio"] == pytest.approx(7)


SOUND = (
    (LARGE, SMALL),
    (layers("compiled", "cpu", (1.0, 2.0, 3.0)), layers("compiled", "gpu", (1.0, 2.0, 3.0))),
)


@pytest.mark.parametrize("pair", SOUND)
def test_a_damaged_profile_is_one_sentence(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = pair
    draw = random.Random(5)
    refused = 0
    for _ in range(1_500):
        try:
            result = compare(damaged(first, draw), second)
            comparison_sentences(result)
            comparison_table(result).to_csv()
        except BenchmarkError:
            refused += 1
    assert refused > 500
