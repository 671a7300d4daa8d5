"""One evaluator for whatever answers: what it writes, thresholds for a wanted rate, comparison on the same clips."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tfkws.config import TaskConfig
from tfkws.errors import ConfigError, DataError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline.evaluate import evaluate_folder
from tfkws.pipeline.parts.detector import Detector
from tfkws.run_folder import read_json

WAKE = TaskConfig("wake-word", ("yes",))


def detector(folder: Path, probabilities: np.ndarray | None = None) -> Detector:
    """Answers what it is told to, or as a function of the clip that has nothing to do with the word."""

    def predict(maps: np.ndarray) -> np.ndarray:
        chance = np.abs(np.sin(1e3 * maps.mean(axis=(1, 2, 3)))) if probabilities is None else probabilities
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


def test_a_wanted_false_accept_rate_has_a_threshold_that_keeps_it(
    make_folder: Callable[..., Path], tmp_path: Path
) -> None:
    evaluation, _ = evaluate_folder(detector(tmp_path), make_folder(), WAKE, "training", false_accepts=0.3)
    assert evaluation.detection is not None
    point = evaluation.detection["thresholds"]["0.3"]
    with (tmp_path / "predictions-keras-training.csv").open() as file:
        others = [float(row["p_yes"]) for row in csv.DictReader(file) if row["label"] == "_other_"]
    accepted = np.mean(np.array(others) >= point["threshold"] - 1e-6)
    assert accepted == pytest.approx(point["false_accept_rate"], abs=1e-9)
    assert 0.15 < accepted <= 0.3


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_a_rate_that_is_no_share_is_refused(make_folder: Callable[..., Path], tmp_path: Path, rate: float) -> None:
    with pytest.raises(ConfigError, match="share of the other clips from 0 to below 1"):
        evaluate_folder(detector(tmp_path), make_folder(), WAKE, "testing", false_accepts=rate)
    assert not list(tmp_path.glob("evaluation-*"))


def test_two_models_are_compared_on_the_same_clips(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_folder()
    clips = evaluate_folder(detector(tmp_path), folder, WAKE, "testing")[0].scores
    words = clips.confusion[1][0] + clips.confusion[1][1]
    always, never = (detector(tmp_path, np.full(clips.clips, chance)) for chance in (0.9, 0.1))
    evaluation, comparison = evaluate_folder(always, folder, WAKE, "testing", never)
    assert evaluation.scores.recall == 1.0
    assert comparison is not None
    assert comparison.difference == pytest.approx((2 * words - clips.clips) / clips.clips)
    assert (comparison.only_second_right, comparison.only_first_right) == (words, clips.clips - words)


def test_other_labels_are_refused(make_folder: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Use the protocol and words that the model was trained for"):
        evaluate_folder(replace(detector(tmp_path), labels=("_other_", "no")), make_folder(), WAKE, "testing")
