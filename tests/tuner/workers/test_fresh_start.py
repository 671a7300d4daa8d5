"""Real trainings in processes: what a trial comes to does not depend on the trials that its process served before."""

import json
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tfkws.config import AugmentConfig, ModelConfig, RunConfig, TaskConfig, TrainConfig
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.tuner.evaluate import TrainingEvaluator, Trial
from tfkws.tuner.problem.space import Param, SearchSpace
from tfkws.tuner.records.trials import Measurement, Values
from tfkws.tuner.workers.processes import ProcessWorkers

WORDS = ("yes", "no")
AUGMENT = AugmentConfig(noise_probability=0.5)
TRAIN = TrainConfig(iterations=6, batch_size=10, optimizer="adamw", average_decay=0.9, augment=AUGMENT)
SPACE = SearchSpace("s", "seed_cnn", (Param("m", (4, 6)), Param("k", (3, 5))), {"convs": "{k}x{k},{m} 3x3,{m}"})
FIRST, SECOND = {"m": 6, "k": 5}, {"m": 4, "k": 3}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    """Settings of trainings on a folder of noise: two words by thirty speakers."""
    folder, rng = tmp_path_factory.mktemp("clips"), np.random.default_rng(0)
    for word in WORDS:
        (folder / word).mkdir()
        for speaker in range(30):
            samples = rng.normal(0, 0.1 if word == "yes" else 0.02, 16_000)
            soundfile.write(folder / word / f"{speaker:08x}_nohash_0.wav", samples, 16_000)
    task = TaskConfig("commands", WORDS, unknown_percent=0, silence_percent=0)
    return RunConfig(task, FRONT_ENDS["mfcc-40x32"], ModelConfig("seed_cnn"), TRAIN, WORDS, str(folder), False)


def evaluate(run: RunConfig, folder: Path, *candidates: Values) -> tuple[Measurement, Path]:
    """Evaluate candidates in one process; what the last one came to, and its folder."""
    with closing(ProcessWorkers(TrainingEvaluator(run, SPACE), threads=1)) as workers:
        for number, values in enumerate(candidates):
            workers.start(values, Trial(number, 0, 6, folder / str(number)))
            _, outcome = workers.next_outcome()
    assert isinstance(outcome, Measurement), outcome
    return outcome, folder / str(number)


def weights(folder: Path) -> list[np.ndarray]:
    from tfkws.models.saving import load_model

    return load_model(folder / "model.keras").get_weights()


def layer_names(folder: Path) -> list[str]:
    with zipfile.ZipFile(folder / "model.keras") as archive:
        layers = json.loads(archive.read("config.json"))["config"]["layers"]
    return [layer["name"] for layer in layers]


def test_the_second_trial_of_a_process_is_as_in_a_fresh_one(run: RunConfig, tmp_path: Path) -> None:
    alone, alone_folder = evaluate(run, tmp_path / "alone", SECOND)
    after, after_folder = evaluate(run, tmp_path / "after", FIRST, SECOND)
    assert (after.top1_error, after.curve, after.macs) == (alone.top1_error, alone.curve, alone.macs)
    for one, other in zip(weights(alone_folder), weights(after_folder), strict=True):
        np.testing.assert_array_equal(one, other)
    assert layer_names(after_folder) == layer_names(alone_folder)
