"""A folder of clips."""

from tfkws.views.clips import problems_table, words_table


def test_problems_are_counted_in_the_title() -> None:
    problem = {"kind": "silence", "where": "yes/a.wav", "detail": "peak 3"}
    report = {"clips": 7, "counts": {"silence": 1}, "problems": [problem]}
    table = problems_table("clips", report)
    assert (table.title, table.rows) == ("7 clips in clips: silence 1", (("silence", "yes/a.wav", "peak 3"),))
    assert problems_table("clips", {"clips": 7, "counts": {}, "problems": []}).title.endswith(": nothing found")


def test_clips_and_speakers_of_each_split() -> None:
    counts = {"training": 9, "validation": 2, "testing": 0}
    table = words_table("clips", [{"word": "yes", "clips": counts, "speakers": counts | {"training": 3}}])
    assert table.columns == ("word", "training", "validation", "testing")
    assert table.rows == (("yes", "9 (3)", "2 (2)", "0 (0)"),)
