"""The cost of hearing, measured on two small setups for a second of audio."""

import pytest

from benchmarks.over_air.stream_cost import Setup, measure_costs, table


@pytest.fixture(scope="module")
def records() -> list[dict[str, object]]:
    window = Setup("kws12", "mfcc-49x10", streaming=False, hop_ms=100.0)
    stream = Setup("mlperf_ds_cnn", "mfcc-49x10", streaming=True, hop_ms=40.0, limit=1e-9)
    return measure_costs((window, stream), seconds=3.0, rounds=2)


def test_every_setup_has_its_shares_and_answers(records: list[dict[str, object]]) -> None:
    window, stream = records
    assert (window["answers"], window["within_limit"]) == (21, None)  # from the first whole second on, every 100 ms
    # 13 frames of delay: the first whole window is answered by step 30, (149 - 30 * 2 - 2) // 2 + 1 more follow.
    assert stream["answers"] == 149 // 2 - 30
    assert all(len(record["shares"]) == 2 and 0 < record["share"] < 1 for record in records)  # type: ignore[arg-type,operator]


def test_a_limit_is_held_against_the_median(records: list[dict[str, object]]) -> None:
    assert records[1]["within_limit"] is False


def test_the_table_tells_form_share_and_limit(records: list[dict[str, object]]) -> None:
    made = table({"machine": "x86_64, 2 cores", "seconds": 3.0, "detectors": records})
    assert [row[2] for row in made.rows] == ["sliding window", "stream"]
    assert [row[-1] for row in made.rows] == ["", "0 %"]
    assert "median of 2 rounds" in made.note
