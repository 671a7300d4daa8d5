"""Scores of a published run, and of a wake word with thresholds."""

from typing import Any

import pytest

from tfkws.views.scores import (
    comparison_sentence,
    confusion_table,
    evaluation_tables,
    per_class_table,
    quoted_evaluation,
    score_table,
    scores_table,
    thresholds_table,
)

Records = dict[str, dict[str, Any]]
DETECTION = {
    "equal_error_rate": 0.041,
    "thresholds": {"0.01": {"threshold": 0.8125, "false_accept_rate": 0.008, "miss_rate": 0.12}},
}


@pytest.fixture
def evaluation(first_run: Records) -> dict[str, Any]:
    return first_run["evaluation-int8-testing"]


def test_one_row_an_evaluation(first_run: Records) -> None:
    evaluations = [first_run["evaluation-int8-testing"], first_run["evaluation-keras-testing"]]
    table = scores_table(evaluations)
    shown = dict(zip(table.columns, table.rows[0], strict=True))
    assert shown["model"] == "int8.tflite"
    assert (shown["clips"], shown["speakers"], shown["accuracy"]) == ("2115", "304", "88.7 %")
    assert shown["accuracy, 95 %"] == "[86.0, 91.2] %"
    assert len(set(table.columns)) == len(table.columns)
    assert "recorded speech" in table.note and "Protocol commands (yes, no," in table.note
    assert "synthetic speech" in scores_table([evaluations[0] | {"synthetic_speech": True}]).note


def test_one_evaluation_in_full(evaluation: dict[str, Any]) -> None:
    table = score_table(evaluation)
    assert [row[0] for row in table.rows] == ["accuracy", "f1", "precision", "recall", "majority baseline"]
    assert table.rows[-1] == ("majority baseline", "11.2 %", "")
    assert table.title == "int8.tflite: commands, testing, 2115 clips, recorded speech"
    assert table.note == ""
    assert "3 unusable clips" in score_table(evaluation | {"skipped_clips": 3}).note


def test_the_confusion_keeps_every_clip(evaluation: dict[str, Any]) -> None:
    table = confusion_table(evaluation)
    assert sum(int(cell) for row in table.rows for cell in row[1:]) == evaluation["clips"]
    assert table.columns[1:] == tuple(evaluation["labels"])


def test_recall_is_the_diagonal_over_the_row(evaluation: dict[str, Any]) -> None:
    shown = {row[0]: row[1] for row in per_class_table(evaluation).rows}
    for place, (label, counts) in enumerate(zip(evaluation["labels"], evaluation["confusion"], strict=True)):
        assert shown[label] == f"{100 * counts[place] / sum(counts):.1f} %"


def test_thresholds_of_an_earlier_version_were_judged_where_they_were_set(evaluation: dict[str, Any]) -> None:
    table = thresholds_table(evaluation | {"detection": DETECTION})
    assert table.rows == (("at most 1 %", "0.8125", "0.8 %", "12.0 %"),)
    assert "set and judged on the same testing clips; equal error rate 4.1 %" in table.title


def test_thresholds_are_shown_where_set_and_where_judged(evaluation: dict[str, Any]) -> None:
    point = {
        "threshold": 0.8, "false_accept_rate": 0.012, "false_accept_interval": (0.005, 0.02), "miss_rate": 0.1,
        "miss_interval": (0.05, 0.2), "when_set": {"threshold": 0.8, "false_accept_rate": 0.01, "miss_rate": 0.08},
    }  # fmt: skip
    detection = {
        "set_on": "validation", "others": {"set": 600, "judged": 400}, "equal_error_rate": 0.03,
        "thresholds": {"0.01": point},
    }  # fmt: skip
    table = thresholds_table(evaluation | {"detection": detection})
    assert dict(zip(table.columns, table.rows[0], strict=True)) == {
        "wanted false accepts": "at most 1 %",
        "threshold": "0.8000",
        "false accepts, validation": "1.0 %",
        "misses, validation": "8.0 %",
        "false accepts, testing": "1.2 % [0.5, 2.0] %",
        "misses, testing": "10.0 % [5.0, 20.0] %",
    }
    assert "set on validation, judged on testing clips" in table.title
    assert "400 clips without the word cannot show a rate below 0.25 %" in table.note


def test_a_wake_words_clips_are_told_apart(evaluation: dict[str, Any]) -> None:
    word = evaluation | {"labels": ["_other_", "happy"], "confusion": [[90, 10], [2, 18]], "clips": 120}
    assert "120 clips (20 happy, 100 without it)" in score_table(word).title


def test_classes_without_clips_and_networks_no_better_than_guessing_are_named(evaluation: dict[str, Any]) -> None:
    labels = ["yes", "no", "_silence_"]
    absent = evaluation | {"labels": labels, "confusion": [[5, 0, 0], [5, 0, 0], [0, 0, 0]], "accuracy": 0.5}
    note = score_table(absent | {"majority_baseline": 0.5}).note
    assert "no clips of _silence_: averages are over the other classes" in note
    assert "Always giving the commonest answer is no worse" in note
    recall = {"yes": 1.0, "no": 0.0, "_silence_": None}
    rows = per_class_table(absent | {"recall_per_class": recall, "precision_per_class": recall}).rows
    assert rows[-1] == ("_silence_", "no clips", "no clips")


def test_thresholds_are_shown_where_there_are_some(evaluation: dict[str, Any]) -> None:
    assert len(evaluation_tables(evaluation)) == 3
    assert len(evaluation_tables(evaluation | {"detection": DETECTION})) == 4


def test_the_int8_file_on_the_testing_split_is_quoted(first_run: Records) -> None:
    evaluations = [values for name, values in first_run.items() if name.startswith("evaluation-")]
    quoted = quoted_evaluation(evaluations)
    assert quoted is not None and (quoted["model"], quoted["split"]) == ("int8.tflite", "testing")
    validation = [values for values in evaluations if values["split"] == "validation" and values["form"] == "keras"]
    assert quoted_evaluation(validation) == validation[0]
    assert quoted_evaluation([]) is None


def test_a_comparison_in_points() -> None:
    found = {"clips": 100, "difference": 0.0123, "difference_interval": (-0.001, 0.02), "mcnemar_p": 0.04321}
    expected = "a minus b, same 100 clips: +1.23 points [-0.10, +2.00]; McNemar p = 0.0432"
    assert comparison_sentence(found, "a", "b") == expected


def test_scores_of_a_split_by_file_say_so(evaluation: dict[str, Any]) -> None:
    for split_by_file in (False, True):
        record = evaluation | ({"split_by_file": True} if split_by_file else {})
        for table in (score_table(record), scores_table([record])):
            assert ("Split by file: one person may be in training and here" in table.note) == split_by_file


def test_a_split_of_both_kinds_of_speech_says_how_many_are_synthetic(evaluation: dict[str, Any]) -> None:
    mixed = evaluation | {"synthetic_speech": True, "spoken_clips": 1900, "synthetic_clips": 400}
    assert "400 of 1900 clips synthetic speech, the others recorded" in score_table(mixed).title
    assert "synthetic speech" in score_table(mixed | {"synthetic_clips": 1900}).title
