"""A composed file: what its provenance says is what can be heard."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from timeline_folders import write_clips, write_sentences

from tfkws.config.hearing.over_air import TimelineConfig
from tfkws.detect.timeline.compose import Composer, LaidScene
from tfkws.detect.timeline.mixing import active_level_dbfs
from tfkws.detect.timeline.recordings import Material, gather
from tfkws.detect.timeline.timeline import SpokenEvent

SETTINGS = TimelineConfig(("happy",), words_per_hour=240.0, snr_db=(None, 10.0), seed=5)
SECONDS = 540.0


@pytest.fixture
def material(tmp_path: Path) -> Material:
    return gather(write_clips(tmp_path / "clips"), SETTINGS, write_sentences(tmp_path / "said"))


def laid(material: Material, settings: TimelineConfig = SETTINGS, seconds: float = SECONDS) -> list[LaidScene]:
    return list(Composer(material, settings, 0, seconds).scenes())


def events_of(scenes: list[LaidScene]) -> list[SpokenEvent]:
    return [event for scene in scenes for event in scene.events]


def test_the_same_seed_gives_the_same_bytes_and_another_file_other_ones(material: Material) -> None:
    first, again = laid(material), laid(material)
    assert [each.audio.tobytes() for each in first] == [each.audio.tobytes() for each in again]
    assert events_of(first) == events_of(again)
    other = list(Composer(material, SETTINGS, 1, SECONDS).scenes())
    assert events_of(other) != events_of(first) != events_of(laid(material, replace(SETTINGS, seed=6)))


def test_length_scenes_and_gaps(material: Material) -> None:
    scenes = laid(material, seconds=95.5)
    assert sum(len(each.audio) for each in scenes) == 95.5 * 16_000
    assert [(each.scene.start_s, each.scene.end_s) for each in scenes] == [(0.0, 60.0), (60.0, 95.5)]
    for each in scenes:
        edges = [each.scene.start_s, *(t for event in each.events for t in (event.start_s, event.end_s))]
        gaps = np.diff(edges)[::2]
        assert gaps.min() >= 1.0 - 1e-4 and gaps.max() <= 3.0 + 1e-4
        assert all(event.end_s <= each.scene.end_s for event in each.events)


def test_every_ratio_meets_every_room_before_any_pair_comes_again(material: Material) -> None:
    pairs = [(each.scene.snr_db, each.scene.room) for each in laid(material)]
    assert Counter(pairs[:4]) == Counter(pairs[4:8]) == dict.fromkeys(set(pairs), 1)
    assert len(set(pairs)) == 4


def test_as_many_words_as_asked_for_and_none_without(material: Material) -> None:
    kinds = Counter(event.kind for event in events_of(laid(material)))
    assert kinds["word"] == pytest.approx(240 * SECONDS / 3600, abs=1)
    assert kinds["sentence"] > 10 and kinds["other word"] > 10
    silent = events_of(laid(material, replace(SETTINGS, without_word=True)))
    assert {event.label for event in silent} == {"cat", ""}


def test_a_clip_lies_where_its_event_says_at_its_level(material: Material, tmp_path: Path) -> None:
    scenes = laid(material, replace(SETTINGS, snr_db=(None,), rooms=("dry",)))
    audio = np.concatenate([each.audio for each in scenes]).astype(float) / 32768
    for event in events_of(scenes):
        if event.kind == "sentence":
            continue
        clip = soundfile.read(tmp_path / "clips" / event.file)[0]
        start = round(event.start_s * 16_000)
        heard = audio[start : start + len(clip)]
        assert np.corrcoef(clip, heard)[0, 1] > 0.999
        assert active_level_dbfs(heard) == pytest.approx(event.level_dbfs, abs=0.05)
        assert -32 <= event.level_dbfs <= -20


def test_noise_lies_its_ratio_below_speech(material: Material) -> None:
    for each in laid(material, replace(SETTINGS, snr_db=(10.0,), rooms=("hall",))):
        silent = each.audio[1_000:15_000].astype(float) / 32768  # nothing is said in the first second
        assert active_level_dbfs(silent) == pytest.approx(-36, abs=1.5)
        assert (each.scene.noise, each.scene.noise_part) == ("_background_noise_/hiss.wav", "90 to 100 %")
        for event in each.events:
            assert event.snr_db == pytest.approx(event.level_dbfs + 36, abs=2e-3) and event.room == "hall"


def test_echo_goes_on_into_the_next_scene(material: Material) -> None:
    long_echo = {"hall": np.eye(1, 16_000)[0] + np.eye(1, 16_000, 15_999)[0]}
    echoing = replace(material, responses=long_echo)
    settings = replace(SETTINGS, rooms=("hall",), snr_db=(None,), shortest_gap_s=0.0, longest_gap_s=0.0)
    scenes = laid(echoing, settings)
    last = scenes[0].events[-1]
    late = (60.0 - last.end_s) < 1.0
    assert late, "the case needs speech within a second of the scene's end"
    begin = scenes[1].audio[: round((last.end_s + 1.0 - 60.0) * 16_000)]
    assert np.abs(begin.astype(int)).max() > 500  # room tone alone stays below 60


def test_memory_is_that_of_a_scene(material: Material) -> None:
    assert max(len(each.audio) for each in laid(material)) == 60 * 16_000
