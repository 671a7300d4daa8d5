"""Composing into a folder: what is written, going on, and other settings refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from timeline_folders import write_clips

from tfkws.config.hearing.over_air import TimelineConfig
from tfkws.detect.timeline.labels import read_labels
from tfkws.detect.timeline.recordings import Material, gather
from tfkws.detect.timeline.timeline import read_timeline
from tfkws.errors import RunFolderError
from tfkws.pipeline.over_air import compose as stage
from tfkws.pipeline.over_air.compose import compose_folder, training_speakers

SETTINGS = TimelineConfig(("happy",), hours=0.05)


@pytest.fixture
def material(tmp_path: Path) -> Material:
    return gather(write_clips(tmp_path / "clips"), SETTINGS)


def test_labels_and_provenance_fit_the_audio(material: Material, tmp_path: Path) -> None:
    composed = compose_folder(material, tmp_path / "out", SETTINGS)
    (path,) = composed.files
    timeline = read_timeline(path.with_suffix(".json"))
    assert sorted(each.name for each in path.parent.iterdir()) == ["hour-000.flac", "hour-000.json", "hour-000.txt"]
    assert soundfile.info(path).frames == 0.05 * 3600 * 16_000 == timeline.duration_s * 16_000
    assert tuple(read_labels(path.with_suffix(".txt"), timeline.duration_s)) == timeline.utterances
    assert composed.utterances == len(timeline.utterances) == 6
    assert timeline.about["settings"]["words"] == ["happy"] and timeline.source == "composed"
    assert str(tmp_path) not in path.with_suffix(".json").read_text()


def test_same_settings_give_the_same_bytes(material: Material, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        compose_folder(material, tmp_path / folder, replace(SETTINGS, audio_format="wav"))
    for name in ("hour-000.wav", "hour-000.txt", "hour-000.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_interrupted_run_goes_on_with_the_missing_file(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_file_lengths", lambda hours: [hours / 2, hours / 2])
    told: list[tuple[float, float]] = []
    whole = compose_folder(material, tmp_path / "out", SETTINGS, lambda done, total: told.append((done, total)))
    assert [round(done, 6) for done, _ in told] == [round(minutes / 60, 6) for minutes in (1, 1.5, 2.5, 3)]
    assert {total for _, total in told} == {0.05}
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    for ending in (".flac", ".json"):
        whole.files[1].with_suffix(ending).unlink()
    again = compose_folder(material, tmp_path / "out", SETTINGS)
    assert (again.kept, again.utterances) == (1, whole.utterances)
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_file_an_hour() -> None:
    assert stage._file_lengths(2.5) == [1.0, 1.0, 0.5]
    assert stage._file_lengths(2.0) == [1.0, 1.0]
    assert stage._file_lengths(0.1) == [0.1]


def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: soundfile.SoundFile, data: object) -> None:
        raise soundfile.LibsndfileError(2)

    monkeypatch.setattr(soundfile.SoundFile, "write", full)
    with pytest.raises(RunFolderError, match=r"hour-000.flac cannot be written .* is the disk full"):
        compose_folder(material, tmp_path / "out", SETTINGS)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_of_other_settings_is_left_alone(material: Material, tmp_path: Path) -> None:
    compose_folder(material, tmp_path / "out", SETTINGS)
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(RunFolderError, match="other settings or recordings"):
        compose_folder(material, tmp_path / "out", replace(SETTINGS, seed=1))
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_speakers_of_the_training_are_counted(material: Material, tmp_path: Path) -> None:
    assert training_speakers(material) == 0
    assert training_speakers(gather(tmp_path / "clips", replace(SETTINGS, split="all"))) > 10
