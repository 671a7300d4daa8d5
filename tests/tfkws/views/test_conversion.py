"""Conversions of a published run, and what a file holds."""

from typing import Any

from tfkws.views.conversion import (
    contents_table,
    conversion_table,
    converted_tables,
    gpu_table,
    metadata_table,
    micro_table,
    remedies_table,
)

Records = dict[str, dict[str, Any]]
CONTENTS = {
    "scheme": "int8", "size_bytes": 29_920, "metadata_bytes": 512, "weight_bytes": {"int8": 20_860, "int32": 640},
    "arena_bytes": 2048, "macs": None, "input_dtype": "int8", "input_shape": [1, 40, 32, 1], "output_dtype": "int8",
    "activation_dtypes": {}, "operators": {"CONV_2D": 6},
}  # fmt: skip
ATTEMPT = {
    "recipe": "int8 with percentile ranges",
    "accuracy": 0.9,
    "difference_interval": [-0.02, -0.01],
    "agreement": 0.97,
    "mean_output_error": 0.0123,
    "passed": False,
}


def test_one_row_a_file_and_split(first_run: Records) -> None:
    parities = {stem: first_run[f"{stem}.parity"] for stem in ("int8", "none")}
    table = conversion_table(parities, {"int8": first_run["int8.recipe"]})
    assert [row[0] for row in table.rows] == ["int8", "int8", "none", "none"]
    shown = dict(zip(table.columns, table.rows[1], strict=True))
    assert (shown["in the file"], shown["size"], shown["split"]) == ("int8", "29.2 KiB", "testing")
    assert (shown["Keras"], shown["TFLite"], shown["difference (points)"]) == ("89.0 %", "88.7 %", "-0.33")
    assert (shown["95 % (points)"], shown["same answer"], shown["gate"]) == ("[-0.72, +0.00]", "99.1 %", "passed")
    assert table.rows[2][1:3] == ("", "")  # without its recipe file nothing is known of what it holds
    assert "0.5 points" in table.note and "recorded speech" in table.note


def test_a_rejected_file_and_its_remedies_are_told(first_run: Records) -> None:
    parity = first_run["int8.parity"] | {"passed": False, "remedies": ["equalised", "bias corrected"]}
    table = conversion_table({"int8": parity}, {})
    assert table.rows[0][-1] == "REJECTED"
    assert table.note.endswith(" int8: equalised and bias corrected.")


def test_remedies_that_were_tried_come_first(first_run: Records) -> None:
    parity = first_run["int8.parity"] | {"attempts": [ATTEMPT]}
    recipe = first_run["int8.recipe"] | {"contents": CONTENTS}
    tables = converted_tables("int8", parity, recipe)
    assert tables[0] == remedies_table(parity)
    expected = ("int8 with percentile ranges", "90.0 %", "[-2.00, -1.00]", "97.0 %", "0.012", "REJECTED")
    assert tables[0].rows == (expected,)
    assert len(converted_tables("int8", parity | {"attempts": []}, recipe)) == 2


def test_what_is_in_a_file() -> None:
    facts = {row[0]: row[1] for row in contents_table("int8.tflite", CONTENTS).rows}
    assert facts["size"] == "29.2 KiB, metadata 512 B of it"
    assert facts["weights"] == "int8 20.4 KiB, int32 640 B"
    assert (facts["MACs"], facts["values between operators"]) == ("not countable", "none")
    assert facts["input"] == "int8 1x40x32x1"


def test_what_a_file_says_about_itself() -> None:
    assert metadata_table(None).rows == (("metadata", "none of tfkws"),)
    metadata = {
        "labels": ["yes", "no"], "model": {"name": "kws10", "variant": {}}, "input": "features",
        "features": {"name": "mfcc-40x32", "sample_rate_hz": 16_000, "row_mean": []}, "tool": "tfkws 0.1.0",
        "task": {"protocol": "commands", "words": ["yes", "no"]}, "synthetic_speech": True,
        "detector": {"threshold": 0.5, "window_ms": 500.0},
    }  # fmt: skip
    facts = {row[0]: row[1] for row in metadata_table(metadata, "int8 with bias correction").rows}
    assert facts["front end"] == "mfcc-40x32, 16000 Hz, not normalised"
    assert (facts["speech"], facts["conversion"]) == ("synthetic speech", "int8 with bias correction")
    assert facts["threshold"] == "0.5, averaged over 500 ms"


FAULT = "LiteRT's GPU accelerator ignores the stride of int8 convolutions of 1 x 1 (operator 4)."


def on_gpu(precision: str, **changes: Any) -> dict[str, Any]:
    """What a GPU answered, in a parity record."""
    adapter = {"name": "SwiftShader", "software": True}
    answer = {
        "precision": precision, "adapter": adapter, "fully_accelerated": True, "max_difference": 1e-6,
        "operators": {"gpu": None, "cpu": None, "refused": {}}, "tolerance": 1e-4, "within": True, "known_fault": "",
        "reason": "",
    }  # fmt: skip
    return {**answer, **changes}


def test_a_gpu_has_a_row_a_precision() -> None:
    partly = {"gpu": 5, "cpu": 2, "refused": {"TILE": "No.", "PACK": "No."}}
    none = on_gpu("float32")
    half = on_gpu("half", fully_accelerated=False, operators=partly, adapter={"name": "V3D 7.1", "software": False})
    wrong = on_gpu("float32", max_difference=0.84, tolerance=8 / 256, within=False, known_fault=FAULT)
    lost = on_gpu("half", max_difference=None, adapter=None, operators=None, within=False, reason="It crashed.")
    table = gpu_table({"none": {"gpu": [none, half]}, "int8": {"gpu": [wrong, lost]}, "dynamic": {}})
    assert table.rows == (
        ("none", "SwiftShader (software adapter)", "float32", "nothing", "1e-06", "0.0001", "within"),
        ("none", "V3D 7.1", "half", "2 operators (TILE, PACK)", "1e-06", "0.0001", "within"),
        ("int8", "SwiftShader (software adapter)", "float32", "nothing", "0.84", "0.031", "NOT within"),
        ("int8", *table.rows[3][1:-1], "NOT within"),
    )
    assert table.note.endswith(f"{FAULT} It crashed.")


def test_a_gpu_is_shown_only_where_one_answered(first_run: Records) -> None:
    parity, recipe = {**first_run["int8.parity"], "attempts": []}, {"contents": CONTENTS}
    assert "On a GPU" not in [table.title for table in converted_tables("int8", parity, recipe)]
    shown = converted_tables("int8", {**parity, "gpu": [on_gpu("half")]}, recipe)
    assert "On a GPU" in [table.title for table in shown]


def test_the_arena_of_a_microcontroller_is_told_with_its_parts() -> None:
    told = {"arena_bytes": 29_184, "maps_bytes": 25_600, "structures_bytes": 3_584, "examples": 16}
    table = micro_table(told | {"answers_beside_litert": "equal bit for bit"})
    rows = {what: value for what, value in table.rows}
    assert rows == {
        "arena": "28.5 KiB", "of it for maps": "25 KiB", "of it for structures": "3.5 KiB",
        "answers to 16 clips, beside LiteRT's": "equal bit for bit",
    }  # fmt: skip
