"""One evaluator for whatever answers: what it writes, thresholds for a wanted rate, comparison on the same clips."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tfkws.config import TaskConfig
from tfkws.data.protocols import labels_of
from tfkws.data.splits import split_of
from tfkws.errors import ConfigError, DataError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline.evaluate import evaluate_folder
from tfkws.pipeline.parts.detector import Detector
from tfkws.run_folder import read_json

WAKE = TaskConfig("wake-word", ("yes",))


def detector(folder: Path, always: float | None = None) -> Detector:
    """Answers what it is told to, or as a function of the clip that has nothing to do with the word."""

    def predict(maps: np.ndarray) -> np.ndarray:
        chance = np.abs(np.sin(1e3 * maps.mean(axis=(1, 2, 3)))) if always is None else np.full(len(maps), always)
        return np.stack([1 - chance, chance], axis=1).astype(np.float32)

    return Detector(
        folder / "model.keras", "keras", "keras", folder, FRONT_ENDS["mfcc-40x32"], ("_other_", "yes"), WAKE, predict,
        synthetic_speech=False,
    )  # fmt: skip


def test_what_is_written_is_what_is_said(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    evaluation, comparison = evaluate_folder(detector(tmp_path), make_folder(), WAKE, "testing")
    assert comparison is None
    stored = read_json(tmp_path / "evaluation-keras-testing.json")
    assert {"protocol", "clips", "accuracy", "accuracy_interval", "f1", "recall_per_class", "manifest"} <= set(stored)
    with (tmp_path / "predictions-keras-testing.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == stored["clips"] == evaluation.scores.clips
    assert np.mean([row["label"] == row["predicted"] for row in rows]) == pytest.approx(stored["accuracy"])
    assert all(float(row["p__other_"]) + float(row["p_yes"]) == pytest.approx(1, abs=1e-4) for row in rows)


def test_a_threshold_keeps_the_wanted_rate_on_validation_and_is_judged_on_testing(
    make_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_folder(speakers=120)
    answers, detection = {}, {}
    for split in ("validation", "testing"):
        evaluation, _ = evaluate_folder(detector(tmp_path), folder, WAKE, split, false_accepts=0.3)
        detection = evaluation.detection or {}
        with (tmp_path / f"predictions-keras-{split}.csv").open() as file:
            answers[split] = [(row["label"] == "yes", float(row["p_yes"])) for row in csv.DictReader(file)]
    found = detection["thresholds"]["0.3"]

    def rates(split: str) -> tuple[float, float]:
        accepted = [(is_word, p >= found["threshold"] - 1e-6) for is_word, p in answers[split]]
        missed, wrong = ([yes for is_word, yes in accepted if is_word is wanted] for wanted in (True, False))
        return 1 - float(np.mean(missed)), float(np.mean(wrong))

    assert detection["set_on"] == "validation"
    when_set = found["when_set"]
    assert rates("validation") == pytest.approx((when_set["miss_rate"], when_set["false_accept_rate"]))
    assert rates("testing") == pytest.approx((found["miss_rate"], found["false_accept_rate"]))
    assert 0.15 < when_set["false_accept_rate"] <= 0.3
    assert when_set["false_accept_rate"] != found["false_accept_rate"]
    low, high = found["false_accept_interval"]
    assert 0 <= low < found["false_accept_rate"] < high <= 1


def test_a_rate_that_the_clips_cannot_show_is_refused_when_asked_for_and_left_out_otherwise(
    make_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_folder()
    with pytest.raises(ConfigError, match=r"0.1 % cannot be told from \d+ clips without the word, of which one is"):
        evaluate_folder(detector(tmp_path), folder, WAKE, "testing", false_accepts=0.001)
    assert not list(tmp_path.glob("evaluation-*"))
    detection = evaluate_folder(detector(tmp_path), folder, WAKE, "testing")[0].detection
    assert detection is not None and min(detection["others"].values()) < 20
    assert detection["thresholds"] == {}


def test_a_folder_without_validation_clips_says_that_thresholds_were_set_where_they_are_judged(
    make_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_folder(speakers=120)
    for clip in [*folder.glob("*/*.wav")]:
        if split_of(f"{clip.parent.name}/{clip.name}") == "validation":
            clip.unlink()
    detection = evaluate_folder(detector(tmp_path), folder, WAKE, "testing", false_accepts=0.3)[0].detection
    assert detection is not None and detection["set_on"] == "testing"
    found = detection["thresholds"]["0.3"]
    assert found["false_accept_rate"] == found["when_set"]["false_accept_rate"]


def test_speakers_are_people_silence_is_none(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    task = TaskConfig("commands", ("yes", "no"))
    many = replace(detector(tmp_path), labels=labels_of(task), task=task)
    many = replace(many, predict=lambda maps: np.full((len(maps), len(many.labels)), 0.25, np.float32))
    folder = make_folder()
    clips = [path.name.split("_nohash_")[0] for path in folder.glob("*/*_nohash_*.wav")]
    people = {name for name in clips if split_of(f"yes/{name}_nohash_0.wav") == "testing"}
    assert evaluate_folder(many, folder, task, "testing")[0].scores.speakers == len(people)


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_a_rate_that_is_no_share_is_refused(make_folder: Callable[..., Path], tmp_path: Path, rate: float) -> None:
    with pytest.raises(ConfigError, match="share of the other clips from 0 to below 1"):
        evaluate_folder(detector(tmp_path), make_folder(), WAKE, "testing", false_accepts=rate)
    assert not list(tmp_path.glob("evaluation-*"))


def test_two_models_are_compared_on_the_same_clips(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_folder()
    clips = evaluate_folder(detector(tmp_path), folder, WAKE, "testing")[0].scores
    words = clips.confusion[1][0] + clips.confusion[1][1]
    always, never = (detector(tmp_path, chance) for chance in (0.9, 0.1))
    evaluation, comparison = evaluate_folder(always, folder, WAKE, "testing", never)
    assert evaluation.scores.recall == 1.0
    assert comparison is not None
    assert comparison.difference == pytest.approx((2 * words - clips.clips) / clips.clips)
    assert (comparison.only_second_right, comparison.only_first_right) == (words, clips.clips - words)


def test_other_labels_are_refused(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Use the protocol and words that the model was trained for"):
        evaluate_folder(replace(detector(tmp_path), labels=("_other_", "no")), make_folder(), WAKE, "testing")


def test_a_split_by_file_is_marked_and_nothing_else_is(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_folder()
    for marked in (False, True):
        if marked:
            (folder / "SPLIT_BY_FILE.json").write_text("{}")
        evaluation, _ = evaluate_folder(detector(tmp_path), folder, WAKE, "testing")
        assert evaluation.to_dict().get("split_by_file") == (True if marked else None)
