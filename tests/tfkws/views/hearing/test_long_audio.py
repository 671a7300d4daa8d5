"""The tables of a score of long audio."""

from typing import Any

import pytest
from long_audio_scores import made_up_score

from tfkws.views.hearing.long_audio import (
    curve_table,
    long_audio_parts,
    scenes_tables,
    sources_table,
    triggers_table,
    wanted_sentence,
)


@pytest.fixture
def score() -> dict[str, Any]:
    return made_up_score()


def test_no_false_accept_is_below_what_the_hours_exclude(score: dict[str, Any]) -> None:
    table = sources_table(score)
    shown = [dict(zip(table.columns, each, strict=True)) for each in table.rows]
    assert shown[0]["false accepts an hour"] == "below 1.5 (0 in 2 h)" and shown[0]["95 %"] == ""
    assert shown[1]["false accepts an hour"] == "2 (4 in 2 h)" and shown[1]["95 %"] == "[0.1, 5.8]"
    assert (shown[0]["speakers"], shown[1]["speakers"]) == ("not named", "9")
    assert shown[1]["missed"] == "5.0 %" and shown[1]["missed, 95 %"] == "[2.0, 20.0] %"


def test_a_total_says_what_it_mixes_and_stands_only_where_it_mixes(score: dict[str, Any]) -> None:
    assert sources_table(score).rows[-1][0] == "all: recorded and composed mixed"
    alone = score | {"sources": score["sources"][1:], "mixes": ["composed"]}
    assert [each[0] for each in sources_table(alone).rows] == ["composed from recordings"]


def test_the_note_says_what_an_event_is(score: dict[str, Any]) -> None:
    note = sources_table(score).note
    assert "an answer every 100 ms averaged over 300 ms, at rest for 1000 ms" in note
    assert "to 1 s after its end" in note and "Median delay from the end of the label: -0.30 s" in note
    assert "training split" not in note
    assert "training split" in sources_table(score | {"files": [{"training_speakers": 3}]}).note
    chunked = score | {"settings": score["settings"] | {"chunk_ms": 1000.0}}
    assert "(chunks of 1000 ms)" in sources_table(chunked).note


def test_scenes_and_triggers(score: dict[str, Any]) -> None:
    assert [table.title for table in scenes_tables(score)] == ["By noise", "By room"]
    assert scenes_tables(score | {"by_snr": [], "by_room": []}) == []
    assert triggers_table(score).rows == (("a sentence", "3"), ("cat", "1"))


def test_the_curve_is_thinned_with_both_ends(score: dict[str, Any]) -> None:
    rows = curve_table(score, "composed").rows
    assert len(rows) == 14 and rows[0][0] == "0.1000" and rows[-1][:2] == ("4.0000", "below 1.5 (0 in 2 h)")
    assert curve_table(score | {"curves": {"composed": []}}, "composed").rows == ()


def test_the_wanted_threshold_in_words(score: dict[str, Any]) -> None:
    sentence = wanted_sentence(score)
    assert sentence.startswith("Threshold 0.7500 for at most 1.5 an hour: 0.5 (1 in 2 h), 10.0 % of words missed.")
    assert "judge it on other" in sentence
    assert wanted_sentence(score | {"wanted": None}) == ""
    assert long_audio_parts(score)[-1] == sentence
