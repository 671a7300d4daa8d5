"""Two published profiles, one beside the other."""

import json
from pathlib import Path

from tfkws.profiling.explain.profile_comparison import compare
from tfkws.views.comparison import comparison_table

PROFILE = Path(__file__).parents[3] / "artifacts" / "published" / "profile"


def test_categories_of_both_and_the_names() -> None:
    first, second = (json.loads((PROFILE / f"operators-{n}-int8.json").read_text()) for n in ("kws10", "kws1"))
    found = compare(first, second, ("kws10", "kws1"))
    table = comparison_table(found)
    assert [row[0] for row in table.rows] == [category.category for category in found.categories]
    assert table.note.startswith("First: kws10, TFLite operators, ")
    assert " Second: kws1, TFLite operators, int8; " in table.note
    without_macs = [row for row, c in zip(table.rows, found.categories, strict=True) if not c.first_gmacs_per_s]
    assert without_macs and all(row[-2] == "" for row in without_macs)
