"""The provenance of a composed file: there and back, and damage."""

import json
from pathlib import Path
from typing import Any

import pytest

from tfkws.detect.events import Utterance
from tfkws.detect.timeline.timeline import Scene, SpokenEvent, Timeline, read_timeline, utterances_of, write_timeline
from tfkws.errors import DataError

EVENTS = (
    SpokenEvent(5.0, 6.0, "word", "happy", "happy/a_nohash_0.wav", "a", "testing", "recorded", -24.0, 12.0, "dry"),
    SpokenEvent(8.0, 12.0, "sentence", "", "s.wav", "", "", "synthetic", -26.0, 10.0, "dry"),
)
SCENES = (Scene(0.0, 60.0, "dry", 10.0, "tap.wav", "90 to 100 %"), Scene(60.0, 90.0, "hall", None, "", ""))
TIMELINE = Timeline("synthetic", 90.0, utterances_of(EVENTS), SCENES, EVENTS, {"settings": {"seed": 3}})


def test_there_and_back(tmp_path: Path) -> None:
    write_timeline(tmp_path / "a.json", TIMELINE)
    assert read_timeline(tmp_path / "a.json") == TIMELINE
    assert TIMELINE.utterances == (Utterance("happy", 5.0, 6.0, "a"),)


def test_what_is_when() -> None:
    assert [TIMELINE.scene_at(time) for time in (0.0, 59.9, 60.0, 95.0)] == [*SCENES[:1] * 2, *SCENES[1:] * 2]
    assert Timeline("recorded", 9.0).scene_at(1.0) is None
    names = [event.name if event else None for event in (TIMELINE.event_before(t, 1.0) for t in (4.9, 6.9, 7.1, 9.0))]
    assert names == [None, "happy", None, "a sentence"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "other"}, "not the provenance of a timeline"),
        ({"version": 2}, "version 2; this tfkws reads 1"),
        ({"source": "dreamt"}, "is damaged"),
        ({"duration_s": -1}, "is damaged"),
        ({"events": [{}]}, "is damaged"),
        ({"scenes": 3}, "is damaged"),
    ],
)
def test_damage_is_one_sentence(change: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_timeline(path, TIMELINE)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=sentence):
        read_timeline(path)


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("hm")
    with pytest.raises(DataError, match="is damaged"):
        read_timeline(tmp_path / "a.json")
