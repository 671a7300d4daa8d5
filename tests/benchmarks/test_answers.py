"""Answers as text: nothing is lost, and the counts are those of the answers themselves."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.answers import as_classes, as_text, confusion_counts, read_clips, write_clips
from benchmarks.over_runs import counts_of_runs
from tfkws.run_folder import read_json

CLASSES = 36  # as many as one character can tell


def test_text_gives_the_same_classes_again() -> None:
    classes = np.random.default_rng(0).permutation(CLASSES)
    assert as_text(np.arange(12)) == "0123456789AB"
    np.testing.assert_array_equal(as_classes(as_text(classes)), classes)


def test_counts_of_records_are_those_of_the_answers_and_no_speaker_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    labels, answers = rng.integers(0, CLASSES, 300), rng.integers(0, CLASSES, (2, 300))
    speakers = np.array([f"speaker{n}" for n in rng.integers(0, 9, 300)])
    clips = SimpleNamespace(labels=labels, speakers=tuple(speakers))
    digests = {"validation": "ab" * 32, "testing": "ab" * 32}
    splits = dict.fromkeys(digests, clips)
    data = SimpleNamespace(splits=splits, manifest=SimpleNamespace(split_digests=digests))
    write_clips(tmp_path, data)  # type: ignore[arg-type]
    counts = confusion_counts(tmp_path, ["ab" * 32] * 2, [as_text(run) for run in answers], CLASSES)
    np.testing.assert_array_equal(counts, counts_of_runs(labels, answers, speakers, CLASSES))
    assert "speaker" not in str(read_json(tmp_path / "clips" / f"{'ab' * 8}.json")["speakers"])
    np.testing.assert_array_equal(read_clips(tmp_path, "ab" * 32)[0], labels)


def test_answers_to_different_clips_are_not_counted_together(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="different clips"):
        confusion_counts(tmp_path, ["ab" * 32, "cd" * 32], ["01", "01"], CLASSES)
