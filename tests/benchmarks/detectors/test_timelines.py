"""The files that every detector hears: what lies on them, what does not, and that noise moves nothing."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from timeline_folders import RATE, write_clips

from benchmarks.detectors import timelines
from benchmarks.detectors.timelines import Plan, compose, plans, recordings_of, speech_hours
from tfkws.detect.timeline.timeline import Timeline, read_timeline

PHRASES = {"computer": 6, "hey_computer": 2, "sentences": 9, "not_wake_words": 3}


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    folder = tmp_path_factory.mktemp("material")
    return {plan.name: plan for plan in plans(write_clips(folder / "words"), write_phrases(folder / "phrases"))}


def write_phrases(folder: Path) -> Path:
    """Write two seconds of tone for each recording, and their index."""
    lines = ["file,phrase,language,source,licence,original_sample_rate,seconds,speaker"]
    for phrase, count in PHRASES.items():
        (folder / phrase).mkdir(parents=True)
        for number in range(count):
            file = f"{phrase}/{number:04d}.wav"
            soundfile.write(folder / file, 0.2 * np.sin(np.arange(2 * RATE) * 0.1), RATE, subtype="PCM_16")
            speaker = "p001" if phrase == "not_wake_words" else ""
            lines.append(f"{file},{phrase},en,made up,none,16000,2.0,{speaker}")
    (folder / "index.csv").write_text("\n".join(lines) + "\n")
    return folder


def composed(plan: Plan, folder: Path) -> tuple[Timeline, np.ndarray]:
    path = compose(plan, folder)
    samples, _ = soundfile.read(path)
    return read_timeline(path.with_suffix(".json")), samples


def test_a_clip_stands_for_its_speaker_where_none_is_known(every: dict[str, Plan]) -> None:
    others = every["phrases-clean"].material.others
    assert {each.speaker for each in others if each.label == "not_wake_words"} == {"p001"}
    assert len({each.speaker for each in others if each.label == "sentences"}) == PHRASES["sentences"]


def test_each_clip_of_the_word_is_laid_twice_at_most_and_noise_moves_nothing(
    every: dict[str, Plan], tmp_path: Path
) -> None:
    clean, quiet = composed(every["computer-clean"], tmp_path)
    noisy, loud = composed(every["computer-10dB"], tmp_path)
    assert clean.events == tuple(type(event).from_dict({**event.__dict__, "snr_db": None}) for event in noisy.events)
    assert {event.snr_db for event in noisy.events} == {10.0}
    files = [event.file for event in clean.events if event.kind == "word"]
    assert len(files) >= 2 * PHRASES["computer"] - 2
    assert max(map(files.count, files)) == 2
    assert {utterance.label for utterance in clean.utterances} == {"computer"}
    assert len(quiet) == len(loud)
    assert np.mean(loud**2) > 1.05 * np.mean(quiet**2)


def test_every_recording_without_the_word_is_laid_and_none_with_it(every: dict[str, Plan], tmp_path: Path) -> None:
    timeline, _ = composed(every["phrases-clean"], tmp_path)
    laid = {event.label for event in timeline.events}
    assert laid == {"sentences", "not_wake_words"}
    assert len({event.file for event in timeline.events}) == PHRASES["sentences"] + PHRASES["not_wake_words"]
    assert timeline.utterances == ()
    assert speech_hours(timeline) == pytest.approx(2.0 * len(timeline.events) / 3600)


def test_words_that_detectors_of_ours_know_are_not_among_single_words(every: dict[str, Plan]) -> None:
    assert {each.label for each in every["words-mixed"].material.others} == {"cat"}
    assert {each.split for each in every["words-mixed"].material.others} == {"testing"}


def test_what_is_there_is_kept(every: dict[str, Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = compose(every["computer-clean"], tmp_path)
    monkeypatch.setattr(timelines, "Composer", None)
    assert compose(every["computer-clean"], tmp_path) == path


def test_recordings_are_sorted_by_file(tmp_path: Path) -> None:
    found = recordings_of(write_phrases(tmp_path / "phrases"), lambda phrase: True)
    assert [each.file for each in found] == sorted(each.file for each in found)
    assert len(found) == sum(PHRASES.values())
