"""Real trainings of a candidate, on tones: warm starts, interruptions, and measurements that come first."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfkws.config import AugmentConfig, ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.data.clip_set import ClipSet
from tfkws.data.manifest import Manifest
from tfkws.data.task_data import TaskData
from tfkws.errors import SearchError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tuner.evaluate import TrainingEvaluator, Trial
from tfkws.tuner.problem.space import Param, SearchSpace

LABELS = ("low", "high")
TASK = TaskConfig("commands", LABELS)
TRAIN = TrainConfig(iterations=24, batch_size=10, learning_rate=1e-2, augment=AugmentConfig(noise_probability=0.0))
SPACE = SearchSpace("s", "seed_cnn", (Param("m", (4, 6)), Param("k", (3, 5))), {"convs": "{k}x{k},{m} 3x3,{m}"})
RUN = RunConfig(TASK, FRONT_ENDS["mfcc-40x32"], ModelConfig("seed_cnn"), TRAIN, LABELS, "tones", True)
SMALL, LARGE = {"m": 4, "k": 3}, {"m": 6, "k": 5}


def tones(count: int, seed: int) -> ClipSet:
    """Clips of 300 Hz and 2 kHz tones in noise."""
    rng = np.random.default_rng(seed)
    labels, time = np.arange(count) % 2, np.arange(16_000) / 16_000
    clean = np.sin(2 * np.pi * np.where(labels, 2_000, 300)[:, None] * time + rng.uniform(0, 6, (count, 1)))
    audio = (6_000 * clean + rng.normal(0, 4_000, clean.shape)).astype(np.int16)
    files = tuple(f"{LABELS[label]}/{i:08x}_nohash_0.wav" for i, label in enumerate(labels))
    return ClipSet(audio, labels.astype(np.int64), files, tuple(f"{i:08x}" for i in range(count)))


@pytest.fixture(autouse=True)
def _tones(monkeypatch: pytest.MonkeyPatch) -> None:
    splits, manifest = {"training": tones(80, 1), "validation": tones(20, 2)}, Manifest(TASK, LABELS, {}, (), (), True)
    data = TaskData(LABELS, splits, (), (), manifest, True)
    monkeypatch.setattr("tfkws.data.task_data.load_task", lambda *_, **__: data)
    monkeypatch.setattr("tfkws.training.fit.CHECKPOINT_SECONDS", 0.0)


def weights(folder: Path) -> list[np.ndarray]:
    from tfkws.models.saving import load_model

    return load_model(folder / "model.keras").get_weights()


def same(first: Path, second: Path) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(weights(first), weights(second), strict=True))


def test_a_warm_start_killed_in_its_training_goes_on_bit_identically(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = TrainingEvaluator(RUN, SPACE)
    evaluate(SMALL, Trial(0, 0, 24, tmp_path / "parent"))
    warm: Any = {"start_from": tmp_path / "parent"}
    whole = evaluate(LARGE, Trial(1, 0, 24, tmp_path / "whole", **warm))
    cold = evaluate(LARGE, Trial(1, 0, 24, tmp_path / "cold"))
    assert whole.curve != cold.curve and not same(tmp_path / "whole", tmp_path / "cold")

    from tfkws.training import fit

    save = fit.save_checkpoint  # type: ignore[attr-defined]

    def save_and_die(*arguments: Any) -> None:
        save(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as killing, pytest.raises(KeyboardInterrupt):
        killing.setattr(fit, "save_checkpoint", save_and_die)
        evaluate(LARGE, Trial(1, 0, 24, tmp_path / "killed", **warm))
    assert (tmp_path / "killed" / "checkpoint.npz").exists()
    again = evaluate(LARGE, Trial(1, 0, 24, tmp_path / "killed", **warm))
    assert again.curve == whole.curve
    assert same(tmp_path / "whole", tmp_path / "killed")


def test_the_target_is_asked_once_and_before_training(tmp_path: Path) -> None:
    asked: list[int] = []

    def device(model: Any, folder: Path) -> Mapping[str, float]:
        asked.append(model.get_layer("unit1_conv").kernel.shape[-1])
        return {"latency_us": 80.0}

    evaluate = TrainingEvaluator(RUN, SPACE, device)
    with pytest.raises(SearchError, match="latency_us is 80, above the limit of 70"):
        evaluate(SMALL, Trial(0, 0, 8, tmp_path / "t", limits={"latency_us": 70.0}))
    assert not (tmp_path / "t" / "training.json").exists()
    measured = evaluate(SMALL, Trial(0, 0, 8, tmp_path / "t", limits={"latency_us": 90.0}))
    assert asked == [4]
    assert measured.metrics["latency_us"] == 80.0 and measured.iterations == 8
    with pytest.raises(SearchError, match="A limit on instructions needs a target that measures it"):
        evaluate(SMALL, Trial(0, 0, 8, tmp_path / "t", limits={"instructions": 90.0}))
