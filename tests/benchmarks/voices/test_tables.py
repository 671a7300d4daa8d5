"""Differences are paired by seed and recording."""

import numpy as np

from benchmarks.voices.tables import difference_interval, left_out_table


def record(engines: str, seed: int, found: str) -> dict[str, object]:
    missed = found.count("0") / len(found)
    each = {"2": found, "10": found}
    return {
        "phrase": "computer", "engines": engines, "seed": seed, "missed": {"2": missed, "10": missed}, "found": each
    }  # fmt: skip


def test_the_whole_comes_first_and_others_beside_it() -> None:
    records = [record("without kokoro", 0, "1000"), record("all five", 0, "1110"), record("all five", 1, "1111")]
    table = left_out_table(records)
    assert [row[1] for row in table.rows] == ["all five", "without kokoro"]
    assert table.rows[0][2:5] == ("2", "12.5 %", "")
    assert table.rows[1][3] == "75.0 %" and table.rows[1][4].startswith("+50.0 [")


def test_the_interval_is_nothing_where_all_agree_and_wide_where_they_do_not() -> None:
    assert difference_interval(np.full((3, 20), 0.5)) == (0.5, 0.5)
    rng = np.random.default_rng(0)
    more = rng.choice([-1.0, 0.0, 1.0], (2, 50))
    low, high = difference_interval(more)
    assert low < more.mean() < high
    plain = 2 * 1.96 * np.sqrt(more.var() / more.size)  # of independent values; two ways of drawing treble the variance
    assert plain < high - low < 2 * plain
