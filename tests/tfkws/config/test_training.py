"""What is written of a run stays as it was, so that folders keep their names."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tfkws.config import (
    AugmentConfig,
    CompressConfig,
    DetectorConfig,
    ModelConfig,
    RunConfig,
    SearchConfig,
    TrainConfig,
)
from tfkws.data.protocols import PROTOCOLS, labels_of, make_task
from tfkws.errors import ConfigError
from tfkws.features.front_ends import FRONT_ENDS
from tfkws.pipeline.train import run_name
from tfkws.tflite.recipes import RECIPES as CONVERSION
from tfkws.training.recipes import FINE_TUNING, RECIPES
from tfkws.tuner.problem.built_in_spaces import SPACES

ROOT = Path(__file__).parents[3]
DIGESTS: dict[str, str] = json.loads((ROOT / "tests/golden/digests.json").read_text())  # written before all checks
PUBLISHED = sorted((ROOT / "artifacts/published").rglob("config.json"))


def digest(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def recorded(prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): text for name, text in DIGESTS.items() if name.startswith(prefix)}


def test_digests_of_named_settings() -> None:
    assert recorded("front end ").items() <= {name: digest(c.to_dict()) for name, c in FRONT_ENDS.items()}.items()
    assert recorded("conversion recipe ").items() <= {n: digest(c.to_dict()) for n, c in CONVERSION.items()}.items()
    assert recorded("space ").items() <= {name: digest(space.to_dict()) for name, space in SPACES.items()}.items()
    training = {name: digest(recipe.to_dict()) for name, recipe in {**RECIPES, **FINE_TUNING}.items()}
    assert recorded("training recipe ").items() <= training.items()
    tasks = {name: make_task(name, ("yes",) if name == "wake-word" else ()) for name in PROTOCOLS}
    assert recorded("task ").items() <= {name: digest(task.to_dict()) for name, task in tasks.items()}.items()
    assert digest(DetectorConfig().to_dict()) == DIGESTS["detector"]


def test_digests_of_searches() -> None:
    assert digest(SearchConfig("paper-table").to_dict()) == DIGESTS["search"]
    objectives = ("top1_error", "macs", "latency_us")
    limited = SearchConfig("paper-table", (3,), 5, max_macs=30_000, max_error=1, objectives=objectives)
    assert digest(limited.to_dict()) == DIGESTS["search with limits"]


def changed(run: RunConfig, **settings: Any) -> RunConfig:
    return replace(run, train=replace(run.train, **settings))


VARIATIONS: dict[str, Callable[[RunConfig], RunConfig]] = {
    "": lambda run: run,
    " seed 3": lambda run: changed(run, seed=3, validate_every=10, augment=None),
    " whole numbers": lambda run: changed(run, learning_rate=1, augment=AugmentConfig(gain_db=6, noise_snr_db=(5, 30))),
    " pruned": lambda run: replace(run, compressed=CompressConfig("pruned", "source", "0" * 64, 0.5, "taylor")),
    " qat": lambda run: replace(run, compressed=CompressConfig("quantization-aware", "source", "0" * 64)),
}


@pytest.mark.parametrize("variation", VARIATIONS)
@pytest.mark.parametrize(
    ("protocol", "recipe"),
    [
        ("wake-word", "quick"),
        ("commands", "best"),
        ("commands-10", "nas-study"),
        ("commands-12-list", "wake-word-study"),
    ],
)
def test_names_of_runs(protocol: str, recipe: str, variation: str) -> None:
    task = make_task(protocol)
    features = replace(FRONT_ENDS["mfcc-40x32"], row_mean=(0.5,) * 40, row_std=(1,) * 40)
    model = ModelConfig("seed_cnn", {"convs": "3x3,40"})
    run = RunConfig(task, features, model, RECIPES[recipe], labels_of(task), "clips", False)
    assert run_name(VARIATIONS[variation](run)) == DIGESTS[f"run {protocol} {recipe}{variation}"]


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.parent.name)
def test_published_settings_are_read_and_have_the_names_they_were_published_with(path: Path) -> None:
    stored = json.loads(path.read_text())
    run = RunConfig.from_dict(stored.get("run", stored))
    assert run_name(run) == DIGESTS[f"published {path.parent.name}"]
    if "search" in stored:
        search = SearchConfig.from_dict(stored["search"])
        assert digest(search.to_dict()) == DIGESTS[f"published search {path.parent.name}"]
    else:
        assert run_name(run) in (path.parent / "README.md").read_text()


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: TrainConfig(iterations=None), "either iterations or epochs"),
        (lambda: TrainConfig(iterations=10, epochs=2), "either iterations or epochs"),
        (lambda: TrainConfig(iterations=0), "iterations must be at least 1"),
        (lambda: TrainConfig(batch_size=0), "batch_size must be at least 1. Received 0"),
        (lambda: TrainConfig(learning_rate=0.0), "learning_rate must be above 0"),
        (lambda: TrainConfig(momentum=1.0), "momentum must lie from 0 to below 1"),
        (lambda: TrainConfig(step_iterations=0), "step_iterations must be at least 1"),
        (lambda: TrainConfig(warmup_iterations=-1), "warmup_iterations must be at least 0"),
        (lambda: TrainConfig(distillation_temperature=0), "distillation_temperature must be above 0"),
        (lambda: TrainConfig(seed=-1), r"seed must lie in 0\.\.4294967295"),
        (lambda: AugmentConfig(noise_probability=1.5), "noise_probability must lie in 0..1. Received 1.5"),
        (lambda: AugmentConfig(noise_snr_db=(5.0, 1.0)), r"noise_snr_db must be \(lowest, highest\)"),
        (lambda: AugmentConfig(noise_snr_db=(5.0,)), "noise_snr_db must be a tuple of 2 items"),  # type: ignore[arg-type]
    ],
)
def test_values_out_of_range_are_refused(build: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        build()


def test_a_misspelt_choice_is_refused_when_a_recipe_is_made() -> None:
    with pytest.raises(ConfigError, match=r"^TrainConfig\.schedule must be .* or plateau\. Received 'linaer'\.$"):
        TrainConfig(schedule="linaer")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="must be adam, adamw or sgd. Received 'adma'. Did you mean 'adam'?"):
        TrainConfig(optimizer="adma")  # type: ignore[arg-type]
