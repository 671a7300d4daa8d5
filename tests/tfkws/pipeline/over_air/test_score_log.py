"""Logs that people kept are scored as paper A does."""

from pathlib import Path

import pytest

from tfkws.errors import DataError
from tfkws.pipeline.over_air.score_log import score_log


def test_counts_by_hand_give_paper_a_s_mean(tmp_path: Path) -> None:
    path = tmp_path / "room.jsonl"
    path.write_text(
        '{"subject": "anna", "trial": 1, "tp": 10, "fp": 0, "fn": 0, "tn": 10}\n'
        '{"subject": "ben", "trial": 1, "tp": 5, "fp": 0, "fn": 5, "tn": 10}\n'
        '{"subject": "ben", "trial": 2, "tp": 0, "fp": 0, "fn": 10, "tn": 10}\n'
    )
    scored = score_log(path)
    assert scored["mean_f1"] == pytest.approx((1 + (2 / 3 + 0) / 2) / 2)
    assert scored["subjects"][1] == {
        "subject": "ben", "trials": 2, "tp": 5, "fp": 0, "fn": 15, "tn": 20, "mean_f1": pytest.approx(1 / 3),
    }  # fmt: skip
    assert "by_answers" not in scored


def test_an_empty_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("# nobody came\n")
    with pytest.raises(DataError, match="holds no trial"):
        score_log(tmp_path / "empty.jsonl")
