"""Which labels belong to which audio, and labels that do not fit."""

from pathlib import Path

import pytest
from toned_audio import TONES, write_audio, write_provenance

from tfkws.detect.events import Utterance
from tfkws.errors import DataError
from tfkws.pipeline.over_air.labelled_audio import open_audio, pair_files


def test_a_label_track_takes_the_place_of_the_provenances_words(tmp_path: Path) -> None:
    audio = write_audio(tmp_path / "a.wav")
    write_provenance(tmp_path / "a.json", "composed", TONES)
    (tmp_path / "a.txt").write_text("5\t5.9\tloud\n")
    opened = open_audio(audio, tmp_path / "a.txt", ("loud",))
    assert opened.timeline.utterances == (Utterance("loud", 5.0, 5.9),) and opened.timeline.source == "composed"


def test_pairs_of_audio_and_labels(tmp_path: Path) -> None:
    for name in ("b.flac", "a.wav", "a.txt", "other.txt"):
        (tmp_path / name).touch()
    a, b = tmp_path / "a.wav", tmp_path / "b.flac"
    assert pair_files([tmp_path]) == [(a, tmp_path / "a.txt"), (b, None)]
    assert pair_files([b, tmp_path / "other.txt", a]) == [(b, tmp_path / "other.txt"), (a, tmp_path / "a.txt")]
    with pytest.raises(DataError, match="stands before any audio"):
        pair_files([tmp_path / "a.txt", a])
    with pytest.raises(DataError, match="named twice"):
        pair_files([a, tmp_path])
    with pytest.raises(DataError, match="no audio file"):
        pair_files([tmp_path / "none.wav"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no audio"):
        pair_files([tmp_path / "empty"])


def test_labels_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    audio, labels = write_audio(tmp_path / "a.wav"), tmp_path / "a.txt"
    labels.write_text("39\t41\tloud\n")
    with pytest.raises(DataError, match="its audio is 40.00 s long"):
        open_audio(audio, labels, ("loud",))
    labels.write_text("1\t2\tlou\n")
    with pytest.raises(DataError, match="Did you mean 'loud'"):
        open_audio(audio, labels, ("loud",))
    write_provenance(tmp_path / "a.json", "composed", (), seconds=41.0)
    with pytest.raises(DataError, match=r"40.00 s long and a.json says 41.00 s"):
        open_audio(audio, None, ("loud",))
