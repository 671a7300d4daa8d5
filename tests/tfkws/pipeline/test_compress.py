"""Compress a network that tells tones apart: every stage resumable, every result a model folder like any other."""

import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from tfkws.cli import app
from tfkws.config import AugmentConfig, Compression, ModelConfig, TrainConfig
from tfkws.cost import count
from tfkws.data.protocols import make_task
from tfkws.data.task_data import TaskData
from tfkws.errors import ConfigError
from tfkws.features.front_ends import get_front_end
from tfkws.models import build_model
from tfkws.pipeline.compress import compress
from tfkws.pipeline.parts.progress import Advance, StageProgress
from tfkws.pipeline.train import prepare_run, train_model
from tfkws.training import fit
from tfkws.training.model_folder import ModelFolder, open_model_folder

TONES = {"low": (300, 90), "high": (2_000, 90)}  # Hz, clips
TRAIN = TrainConfig(
    iterations=40, batch_size=16, learning_rate=1e-2, augment=AugmentConfig(noise_probability=0.0, shift_ms=50.0)
)


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tones in noise, each clip by a speaker of its own."""
    folder, rng, time = tmp_path_factory.mktemp("tones"), np.random.default_rng(1), np.arange(16_000) / 16_000
    for word, (hertz, clips) in TONES.items():
        (folder / word).mkdir()
        for _ in range(clips):
            wave = 0.2 * np.sin(2 * np.pi * hertz * time + rng.uniform(0, 6)) + rng.normal(0, 0.05, len(time))
            soundfile.write(folder / word / f"{rng.integers(2**32):08x}_nohash_0.wav", wave, 16_000)
    return folder


@pytest.fixture(scope="module")
def trained(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelFolder, TaskData]:
    """A trained network, and the clips."""
    task, model = make_task("wake-word", ("high",)), ModelConfig("seed_cnn", {"convs": "3x3,8 3x3,8"})
    run, data = prepare_run(tones, task, get_front_end("mfcc-40x32"), model, TRAIN)
    return train_model(run, data, tmp_path_factory.mktemp("models") / "source"), data


class Stop(StageProgress):
    """Interrupts a fine-tuning before its step number `at`."""

    def __init__(self, at: int) -> None:
        self.at = at

    def bar(self, title: str) -> AbstractContextManager[Advance]:
        return nullcontext(self.advance)

    def advance(self, done: int, total: int, note: str) -> None:
        if done == self.at:
            raise KeyboardInterrupt


def weights(folder: ModelFolder) -> list[np.ndarray]:
    return folder.load_keras().get_weights()


@pytest.mark.parametrize(
    "plan",
    [
        Compression(prune_macs=0.5, iterations=24),
        pytest.param(Compression(quantization_aware=True, iterations=24), marks=pytest.mark.slow),
    ],
    ids=["pruned", "quantization-aware"],
)
def test_an_interrupted_compression_goes_on_bit_identically(
    plan: Compression, trained: tuple[ModelFolder, TaskData], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "CHECKPOINT_SECONDS", 0.0)
    source, data = trained
    whole = compress(source, plan, data, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        compress(source, plan, data, tmp_path / "killed", Stop(at=19))
    (killed,) = (tmp_path / "killed").iterdir()
    assert not (killed / "model.keras").exists()
    assert (killed / "checkpoint.npz").exists()
    again = compress(source, plan, data, tmp_path / "killed")
    assert again.path.name == whole.path.name == killed.name
    for one, other in zip(weights(whole), weights(again), strict=True):
        np.testing.assert_array_equal(one, other)
    before = (again.path / "model.keras").stat().st_mtime_ns
    compress(source, plan, data, tmp_path / "killed", Stop(at=1))  # done: takes no step
    assert (again.path / "model.keras").stat().st_mtime_ns == before


def test_a_tuned_network_has_the_layers_of_its_source_and_says_where_it_comes_from(
    trained: tuple[ModelFolder, TaskData], tmp_path: Path
) -> None:
    source, data = trained
    result = compress(source, Compression(quantization_aware=True, iterations=6), data, tmp_path)
    config = open_model_folder(result.path).config
    assert (config.model, config.features, config.labels) == (
        source.config.model,
        source.config.features,
        source.config.labels,
    )
    assert config.compressed is not None
    assert (config.compressed.method, config.compressed.source) == ("quantization-aware", "source")
    assert (config.train.augment, config.train.batch_size) == (TRAIN.augment, 16)
    moved = [not np.array_equal(a, b) for a, b in zip(weights(source), weights(result), strict=True)]
    assert any(moved)


def test_a_pruned_network_is_built_by_the_registry_and_has_the_macs_that_were_planned(
    trained: tuple[ModelFolder, TaskData], tmp_path: Path
) -> None:
    source, data = trained
    result = compress(source, Compression(prune_macs=0.5, steps=2, iterations=8), data, tmp_path)
    config = open_model_folder(result.path).config
    assert config.model.name == "seed_cnn"
    built = build_model("seed_cnn", config.features.input_shape, 2, **config.model.variant)
    pruned = json.loads((result.path / "pruning.json").read_text())
    assert count(built).macs == count(result.load_keras()).macs == pruned["macs_after"]
    assert pruned["macs_after"] <= 0.5 * count(source.load_keras()).macs * 1.001
    assert config.train.iterations == 4
    assert len(list(tmp_path.iterdir())) == 2  # one folder a step
    assert (result.path / "evaluation-keras-testing.json").exists()


def test_the_command_prunes_tunes_converts_and_compares(trained: tuple[ModelFolder, TaskData], tmp_path: Path) -> None:
    source, _ = trained
    options = ["--prune-macs", "0.4", "--quantization-aware", "--iterations", "10", "--models", str(tmp_path), "--json"]
    done = CliRunner().invoke(app, ["compress", str(source.path), *options])
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    result = Path(record["result"])
    assert record == json.loads((result / "compression.json").read_text())
    assert (result / "int8.tflite").is_file()
    sizes = record["sizes"]
    assert sizes["after"]["macs"] <= 0.6 * sizes["before"]["macs"]
    assert sizes["after"]["int8_bytes"] < sizes["before"]["int8_bytes"] < sizes["before"]["float32_bytes"]
    testing = record["splits"]["testing"]
    accuracy = {name: row["accuracy"] for name, row in testing["accuracy"].items()}
    assert list(accuracy) == ["Keras before", "Keras after", "int8 before", "int8 after"]
    evaluated = json.loads((result / "evaluation-keras-testing.json").read_text())
    assert accuracy["Keras after"] == evaluated["accuracy"]
    for pair, row in testing["differences"].items():
        first, second = pair.split(" - ")
        assert row["difference"] == pytest.approx(accuracy[first] - accuracy[second])
    assert not list(source.path.glob("int8*"))  # the source stays as it is
    shown = CliRunner().invoke(app, ["compress", str(source.path), *options[:-1]], env={"COLUMNS": "160"})
    assert "synthetic" not in shown.output
    assert "int8 after - int8 before" in shown.output


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Say what to do: --quantization-aware, --prune-macs SHARE, or both."),
        (["--prune-macs", "1.5"], "from 0 to below 1. Received 1.5."),
        (["--prune-macs", "0.5", "--steps", "0"], "--steps must be at least 1"),
        (
            ["--prune-macs", "0.5", "--importance", "size"],
            "importance must be taylor, l1 or bn-scale. Received 'size'.",
        ),
        (["--prune-macs", "0.99"], "% of the MACs can be pruned"),
    ],
)
def test_wrong_options_are_one_sentence(
    options: list[str], sentence: str, trained: tuple[ModelFolder, TaskData], tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["compress", str(trained[0].path), "--models", str(tmp_path), *options])
    assert done.exit_code == 1
    assert sentence in " ".join(done.output.split())
    assert not list(tmp_path.glob("*/*"))


def test_a_folder_without_a_trained_model_is_refused(trained: tuple[ModelFolder, TaskData], tmp_path: Path) -> None:
    from tfkws.errors import RunFolderError
    from tfkws.training.model_folder import write_config

    write_config(tmp_path / "unfinished", trained[0].config)
    unfinished = open_model_folder(tmp_path / "unfinished")
    with pytest.raises(RunFolderError, match="holds no trained model yet"):
        compress(unfinished, Compression(quantization_aware=True), trained[1], tmp_path / "out")


def test_a_criterion_is_checked_before_anything_is_done() -> None:
    with pytest.raises(ConfigError, match="taylor, l1 or bn-scale"):
        Compression(prune_macs=0.5, importance="size")  # type: ignore[arg-type]
