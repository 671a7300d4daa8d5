"""What may be laid: the split's speakers, its part of the noises, its half of the sentences."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from timeline_folders import files_of, write_clips, write_sentences

from tfkws.config.hearing.over_air import TimelineConfig
from tfkws.data.clip_index import SYNTHETIC_MARKER
from tfkws.detect.timeline.recordings import gather
from tfkws.errors import ConfigError, DataError

SETTINGS = TimelineConfig(("happy",), split="testing")


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    return write_clips(tmp_path / "clips")


def test_clips_are_those_of_the_split(clips: Path) -> None:
    material = gather(clips, SETTINGS)
    assert {each.file for each in material.words} == files_of("testing", "happy", clips) != set()
    assert {each.file for each in material.others} == files_of("testing", "cat", clips)
    assert {each.split for each in (*material.words, *material.others)} == {"testing"}
    assert (material.source, material.folders, material.room_names) == ("composed", {"clips": "clips"}, ("dry", "hall"))


def test_all_takes_everybody(clips: Path) -> None:
    material = gather(clips, TimelineConfig(("happy",), split="all"))
    assert len(material.words) == len(material.others) == 30


def test_noise_of_the_folder_is_used_in_the_splits_own_part(clips: Path) -> None:
    (part,) = gather(clips, SETTINGS).noises
    whole = soundfile.read(clips / "_background_noise_" / "hiss.wav", dtype="float32")[0]
    assert part.part == "90 to 100 %" and np.array_equal(part.noise.samples, whole[-len(whole) // 10 :])
    (validation,) = gather(clips, TimelineConfig(("happy",), split="validation")).noises
    assert np.array_equal(validation.noise.samples, whole[8 * len(whole) // 10 : 9 * len(whole) // 10])


def test_sentences_are_halved_between_the_splits(clips: Path, tmp_path: Path) -> None:
    folder = write_sentences(tmp_path / "said")
    halves = [
        {each.file for each in gather(clips, TimelineConfig(("happy",), split=split), folder).sentences}
        for split in ("validation", "testing")
    ]
    assert halves[0] and halves[1] and not halves[0] & halves[1]
    assert halves[0] | halves[1] == {path.name for path in folder.iterdir()}


def test_own_noises_and_rooms_are_used_whole(clips: Path, tmp_path: Path) -> None:
    folder = write_sentences(tmp_path / "sounds", count=2)
    material = gather(clips, SETTINGS, noises=folder, rooms=folder)
    assert [(each.part, len(each.noise.samples)) for each in material.noises] == [("all", 64_000)] * 2
    assert material.room_names == ("dry", "said_00", "said_01")
    assert all(np.sum(each**2) == pytest.approx(1) for each in material.responses.values())


def test_synthetic_speech_makes_the_timeline_synthetic(clips: Path, tmp_path: Path) -> None:
    folder = write_sentences(tmp_path / "said")
    (folder / SYNTHETIC_MARKER).write_text("{}")
    material = gather(clips, SETTINGS, folder)
    assert material.source == "synthetic"
    assert {each.source for each in material.sentences} == {"synthetic"}
    assert {each.source for each in material.words} == {"recorded"}


def test_what_is_not_there_is_told(clips: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no clips of 'hapy'. Did you mean 'happy'"):
        gather(clips, TimelineConfig(("hapy",)))
    with pytest.raises(ConfigError, match=r"no room 'hal'. Did you mean 'hall'"):
        gather(clips, TimelineConfig(("happy",), rooms=("hal",)))
    with pytest.raises(DataError, match="There is no folder"):
        gather(clips, SETTINGS, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no audio"):
        gather(clips, SETTINGS, tmp_path / "empty")
    soundfile.write(clips / "_background_noise_" / "hiss.wav", np.zeros(320_000), 16_000)
    with pytest.raises(DataError, match="Every noise is silent"):
        gather(clips, SETTINGS)
    assert gather(clips, TimelineConfig(("happy",), snr_db=(None,))).noises == ()


def test_a_split_without_the_word_is_refused_unless_none_is_laid(tmp_path: Path) -> None:
    clips = write_clips(tmp_path / "clips")
    for file in files_of("testing", "happy", clips):
        (clips / file).unlink()
    with pytest.raises(DataError, match="no testing clips of happy"):
        gather(clips, SETTINGS)
    assert gather(clips, TimelineConfig(("happy",), without_word=True)).words == ()
