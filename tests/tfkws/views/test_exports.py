"""Exported folders as tables."""

from tfkws.views.exports import export_tables

RECORD = {
    "files": {"model.cc": {"sha256": "0f", "size_bytes": 2048}},
    "facts": {"arena_bytes": 29_344, "operators": ["CONV_2D", "MEAN"]},
}


def test_sizes_are_told_in_units_and_lists_as_lists() -> None:
    files, measured = export_tables(RECORD)
    assert files.rows == (("model.cc", "2 KiB"),)
    assert measured.rows == (("arena, measured", "28.7 KiB"), ("operators", "CONV_2D, MEAN"))
