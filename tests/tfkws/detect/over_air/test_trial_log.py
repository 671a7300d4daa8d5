"""Logs of trials: written and read back, counted, written by hand, and refused in one sentence."""

from pathlib import Path

import pytest

from tfkws.detect.over_air.scoring import Counts
from tfkws.detect.over_air.trial_log import AnswerLine, CountsLine, Line, WordLine, count_log, read_log, to_jsonl
from tfkws.errors import DataError

BY_HAND = """\
# kitchen, Tuesday
{"subject": "anna", "trial": 1, "word_s": [0.3, 0.8]}
{"subject": "anna", "trial": 1, "word_s": [2.3, 2.8]}
{"subject": "anna", "trial": 1, "answer": 1, "held_s": [[0, 1]], "printed_s": 1.4}

{"subject": "anna", "trial": 1, "answer": 0, "held_s": [[1.4, 2.4]], "printed_s": 2.8}
{"subject": "anna", "trial": 1, "answer": 1, "held_s": [[2.8, 3.8]], "printed_s": 4.2}
{"subject": "ben", "trial": 1, "tp": 9, "fp": 0, "fn": 1, "tn": 10}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text(text)
    return path


def test_a_log_by_hand_is_counted(tmp_path: Path) -> None:
    lines = read_log(written(tmp_path, BY_HAND))
    assert count_log(lines) == {"anna": [Counts(1, 1, 1, 0)], "ben": [Counts(9, 0, 1, 10)]}
    assert count_log(lines, "answers")["anna"] == [Counts(1, 1, 0, 1)]  # no chunk holds half of the second word


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    lines: list[Line] = [
        WordLine(subject="ä", trial=2, word_s=(0.1, 0.6)),
        AnswerLine(subject="ä", trial=2, answer=1, held_s=((0.0, 0.5), (0.9, 1.4)), printed_s=1.5, score=0.75),
        CountsLine(subject="ä", trial=1, tp=1, fp=2, fn=3, tn=4),
    ]
    path = written(tmp_path, to_jsonl(lines))
    assert read_log(path) == lines
    assert count_log(lines) == {"ä": [Counts(1, 2, 3, 4), Counts(1, 0, 0, 0)]}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("happy 1", "line 1 is not a JSON object"),
        ("[1]", "line 1 is not a JSON object"),
        ('\n{"subject": "a", "trial": 1}', "line 2 must have word_s"),
        ('{"subject": "a", "trial": 0, "word_s": [0, 1]}', "trial must be at least 1"),
        ('{"subject": "a", "trial": 1, "word_s": [2, 1]}', "where the word begins and ends"),
        ('{"subject": "a", "trial": 1, "word_s": [0, NaN]}', "line 1 is not a JSON object"),
        ('{"subject": "a", "trial": 1, "answer": 2, "held_s": [[0, 1]], "printed_s": 1}', "answer must be 0 or 1"),
        ('{"subject": "a", "trial": 1, "answer": 1, "held_s": [[1, 0]], "printed_s": 1}', "pairs of seconds"),
        ('{"subject": "a", "trial": 1, "answer": 1, "held_s": [], "printed_s": 1}', "pairs of seconds"),
        ('{"subject": "a", "trial": 1, "tp": 1, "fp": 1, "fn": 1}', "lacks tn"),
        ('{"subject": "a", "trial": 1, "word_s": [0, 1], "room": 1}', "has no setting 'room'"),
    ],
)
def test_a_line_of_another_kind_is_refused_with_its_number(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_log(written(tmp_path, text))


def test_files_that_are_no_logs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no log"):
        read_log(tmp_path / "none.jsonl")
    (tmp_path / "picture").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(DataError, match="is not text"):
        read_log(tmp_path / "picture")
    with pytest.raises(DataError, match="holds no trial"):
        count_log([])


def test_a_trial_is_counted_once() -> None:
    counts = CountsLine(subject="a", trial=1, tp=1, fp=0, fn=0, tn=0)
    with pytest.raises(DataError, match="counted twice"):
        count_log([counts, counts])
    with pytest.raises(DataError, match="both counts and single answers"):
        count_log([counts, WordLine(subject="a", trial=1, word_s=(0.0, 1.0))])
