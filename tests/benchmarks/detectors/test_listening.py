"""Counting on a timeline made by hand, by an engine that says what it is told to."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.detectors.engines import About
from benchmarks.detectors.listening import keep_audio, score
from tfkws.detect.decision import Detection
from tfkws.detect.timeline.timeline import SpokenEvent, Timeline, utterances_of

RATE = 16_000
SECONDS = 120


class Told:
    """Hears its word at given times."""

    about = About("told", "none", "1", ("computer", "alexa"), "", "")

    def __init__(self, times: dict[str, list[float]]) -> None:
        self._times, self._seen = times, 0
        self.types: set[np.dtype] = set()

    def feed(self, samples: np.ndarray) -> list[Detection]:
        self.types.add(samples.dtype)
        begin = self._seen / RATE
        self._seen += len(samples)
        return [
            Detection(word, 0.9, round(time * RATE), time)
            for word, times in self._times.items()
            for time in times
            if begin < time <= self._seen / RATE
        ]


def event(kind: str, file: str, start_s: float, end_s: float) -> SpokenEvent:
    label = "computer" if kind == "word" else ""
    return SpokenEvent.from_dict(
        {"start_s": start_s, "end_s": end_s, "kind": kind, "label": label, "file": file, "speaker": file, "split": "",
         "source": "recorded", "level_dbfs": -26.0, "snr_db": None, "room": "dry"}
    )  # fmt: skip


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    path = tmp_path / "minutes.flac"
    ramp = (np.arange(SECONDS * RATE) // RATE).astype(np.int16)  # every second holds its number
    soundfile.write(path, ramp, RATE, subtype="PCM_16")
    return path


@pytest.fixture
def timeline() -> Timeline:
    events = (
        event("word", "a.ogg", 10.0, 11.0),
        event("sentence", "said.ogg", 20.0, 24.0),
        event("word", "b.ogg", 30.0, 31.0),
        event("word", "a.ogg", 40.0, 41.0),
        event("word", "b.ogg", 50.0, 51.0),
    )
    return Timeline("composed", float(SECONDS), utterances_of(events), (), events)


def test_hits_misses_doubles_and_false_accepts_are_counted_and_named(audio: Path, timeline: Timeline) -> None:
    engine = Told({"computer": [10.8, 11.9, 24.5, 32.5, 41.2, 100.0], "alexa": [41.3]})
    record = score(engine, audio, timeline)
    assert engine.types == {np.dtype(np.int16)}
    mine = record["words"]["computer"]
    assert mine["rejects"]["misses"] == 2 and mine["rejects"]["utterances"] == 4
    assert mine["rejects"]["speakers"] == 2  # clips: both times a clip was laid are drawn together
    assert [miss["file"] for miss in mine["missed"]] == ["b.ogg", "b.ogg"]
    assert mine["doubles"] == 1
    # 32.5 s is later than a second after the word; 100 s is long after anything was said.
    assert [(each["time_s"], each["after"]) for each in mine["accepted"]] == [
        (24.5, "said.ogg"), (32.5, ""), (100.0, ""),
    ]  # fmt: skip
    assert mine["false_accepts"]["hours"] == pytest.approx((SECONDS - 4 * 2) / 3600)
    other = record["words"]["alexa"]
    assert other["rejects"]["share"] is None
    assert other["false_accepts"]["events"] == 1
    assert other["false_accepts"]["hours"] == pytest.approx(SECONDS / 3600)


def test_the_audio_around_misses_and_false_accepts_is_kept(audio: Path, timeline: Timeline, tmp_path: Path) -> None:
    counts = score(Told({"computer": [11.0, 31.0, 41.0, 100.0, 1.0]}), audio, timeline)["words"]["computer"]
    files = keep_audio(audio, counts, tmp_path / "kept")
    assert [file.name for file in files] == ["missed-00049.500.wav", "accepted-00000.000.wav", "accepted-00098.000.wav"]
    missed, _ = soundfile.read(files[0], dtype="int16")
    assert set(missed) == {49, 50, 51}
    accepted, _ = soundfile.read(files[2], dtype="int16")
    assert set(accepted) == {98, 99, 100} and len(accepted) == 3 * RATE
