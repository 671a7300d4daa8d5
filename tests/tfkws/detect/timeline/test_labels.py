"""Label tracks as programs and people write them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfkws.detect.events import Utterance
from tfkws.detect.timeline.labels import read_labels, words_among, write_labels
from tfkws.errors import DataError

HAPPY = Utterance("happy", 1.5, 2.25, "anna")
GO = Utterance("go away", 3.0, 3.0)


def read(content: bytes, folder: Path) -> list[Utterance]:
    (folder / "a.txt").write_bytes(content)
    return read_labels(folder / "a.txt", 10.0)


@pytest.mark.parametrize(
    "content",
    [
        b"1.5\t2.25\thappy (anna)\n3\t3\tgo away\n",
        b"3\t3\tgo away\n1.5\t2.25\thappy (anna)\n",  # out of order
        b"\xef\xbb\xbf1.5\t2.25\thappy (anna)\r\n3\t3\tgo away\r\n",  # byte-order mark, Windows' lines
        "1.5\t2.25\thappy (anna)\r\n3\t3\tgo away".encode("utf-16"),
        b"1,500\t2,250\thappy (anna)\n3,0\t3,0\tgo away\n",  # commas
        b"1.5 2.25 happy (anna)\n  3 3   go away \n\n",  # spaces
        b"1.5\t2.25\thappy (anna)\n\\\t100.0\t4000.0\n3\t3\tgo away\n",  # Audacity's frequencies
    ],
)
def test_every_way_of_writing_is_read(content: bytes, tmp_path: Path) -> None:
    assert read(content, tmp_path) == [HAPPY, GO]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"1.5\thappy\n", "line 1 must be start, end and label"),
        (b"1\t2\t \n", "line 1 must be start, end and label"),
        (b"1\t2\thappy\nx\t2\thappy\n", "line 2 has 'x' where a time"),
        (b"nan\t2\thappy\n", "has 'nan'"),
        (b"-1\t2\thappy\n", "has '-1'"),
        (b"3\t2\thappy\n", "ends at 2 s before it begins at 3 s"),
        (b"9\t12\thappy\n", "ends at 12 s and its audio is 10.00 s long"),
        (b"\xff\x00RIFF", "is not text"),
    ],
)
def test_what_does_not_fit_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=sentence):
        read(content, tmp_path)


def test_missing_and_giant_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no label file"):
        read_labels(tmp_path / "none.txt", 1.0)
    with pytest.raises(DataError, match="no label track"):
        read(b" " * ((1 << 24) + 1), tmp_path)


times = st.integers(0, 40_000_000).map(lambda micro: micro / 1e6)
names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)


@given(st.lists(st.builds(Utterance, names, times, times, names | st.just("")), max_size=4))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, said: list[Utterance]) -> None:
    path = tmp_path_factory.mktemp("labels") / "a.txt"
    ordered = [Utterance(u.label, min(u.start_s, u.end_s), max(u.start_s, u.end_s), u.speaker) for u in said]
    write_labels(path, ordered)
    assert read_labels(path, 40.0) == sorted(ordered, key=lambda each: (each.start_s, each.end_s))


def test_words_are_spelt_as_the_detector_does_and_notes_are_left_out() -> None:
    labels = [Utterance("Happy", 1, 2, "anna"), Utterance("tv on", 3, 9)]
    assert words_among(labels, ("happy", "go"), "a.txt") == (Utterance("happy", 1, 2, "anna"),)
    assert words_among(labels, ("computer",), "a.txt") == ()


def test_a_near_name_is_refused() -> None:
    labels = [Utterance("happy", 1, 2), Utterance("hapy", 3, 4)]
    with pytest.raises(DataError, match=r"a.txt has the label 'hapy' at 3.00 s .* knows happy. Did you mean 'happy'"):
        words_among(labels, ("happy",), "a.txt")


def test_overlapping_words_are_refused() -> None:
    with pytest.raises(DataError, match="overlap"):
        words_among([Utterance("happy", 1, 2), Utterance("happy", 1.5, 3)], ("happy",), "a.txt")
