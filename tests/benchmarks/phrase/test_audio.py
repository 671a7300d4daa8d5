import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.detectors.timelines import compose
from benchmarks.phrase.audio import PHRASES, all_audio, judged
from tfkws.detect.timeline.timeline import read_timeline


def write(path: Path, seconds: float, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.random.default_rng(seed).normal(0, 0.1, round(seconds * 16_000)), 16_000)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    from tfkws.data.splits import split_of

    words, phrases = tmp_path_factory.mktemp("words"), tmp_path_factory.mktemp("phrases")
    names = [f"{number:08x}_nohash_0.wav" for number in range(200)]
    testing = [name for name in names if split_of(f"happy/{name}") == "testing"][:3]
    for number, name in enumerate(testing):
        write(words / "happy" / name, 1.0, number)
        write(words / "yes" / name, 1.0, 10 + number)
    rows = []
    for number, folder in enumerate([*PHRASES, "sentences"]):
        for take in range(2):
            file = f"{folder}/{take}.wav"
            write(phrases / file, 1.5, 100 + 10 * number + take)
            rows.append({"file": file, "phrase": folder, "speaker": ""})
    with (phrases / "index.csv").open("w", newline="") as index:
        writer = csv.DictWriter(index, ["file", "phrase", "speaker"])
        writer.writeheader()
        writer.writerows(rows)
    return words, phrases


def test_each_phrase_has_a_file_and_every_recording_is_in_it(folders: tuple[Path, Path], tmp_path: Path) -> None:
    every = {each.plan.name: each for each in all_audio(*folders)}
    assert set(every) == {"happy", *PHRASES, "sentences", "words"}
    for name, label in (("hey_chatterbox", "hey chatterbox"), ("happy", "happy")):
        timeline = read_timeline(compose(every[name].plan, tmp_path).with_suffix(".json"))
        assert {one.label for one in timeline.utterances} == {label}
        assert len({event.file for event in timeline.events}) == (3 if name == "happy" else 2)


def test_a_file_that_may_hold_the_word_is_not_judged(folders: tuple[Path, Path]) -> None:
    every = all_audio(*folders)
    assert "hey_computer" not in {each.plan.name for each in judged(every, "computer")}
    assert {"computer", "hey_computer"} <= {each.plan.name for each in judged(every, "hey computer")}
    assert {each.plan.name for each in judged(every, "happy")} == {each.plan.name for each in every}
