"""What a machine sent back: records for the GPU page, and model folders that `tfkws evaluate` reads."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gpu.carried import Say
from benchmarks.gpu.prepared import read_plan, run_path
from benchmarks.gpu.results import CHECK, LATENCY, LITERT, TRAININGS
from tfkws.config import ModelConfig, RunConfig
from tfkws.run_folder import read_json, write_text
from tfkws.training.model_folder import WEIGHTS, write_config

RECORDS, ORIGIN = "records", "origin.md"


def collect(folder: Path, results: Path, card: Path, models: Path, say: Say) -> None:
    """Copy the records into the page's folder of one card, and make model folders of the trainings with weights.

    Args:
        folder: prepared, from which the results came.
        card: such as artifacts/published/profile/gpu/h100-jax.
        models: below which a folder a training is made.
    """
    for kind, place in ((LATENCY, RECORDS), (LITERT, LITERT)):
        for path in sorted((results / kind).glob("*.json")):
            (card / place).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, card / place / path.name)
            say(f"{card / place / path.name}")
    if not (card / ORIGIN).exists():
        write_text(card / ORIGIN, origin(folder, results))
    for path in sorted((results / TRAININGS).glob("*.json")):
        if path.with_suffix(".npz").exists():
            say(str(model_folder(folder, path, models)))
        else:
            say(f"{path.stem} came back without weights, so it has no model folder; its record stays in {path.parent}.")


def origin(folder: Path, results: Path) -> str:
    """Say how the records came about, from what the check found."""
    found = read_json(results / CHECK)
    versions = ", ".join(f"{name} {version}" for name, version in found["packages"].items() if version)
    return (
        f"Measured on {found['card']} (one of {found['devices']}) with {versions}, Python {found['python']}, by "
        f"`python -m benchmarks gpu` at {read_plan(folder).commit}. Float32 weights, random, of seed 0; the input lies "
        "on the card; every network compiled before the first was measured, then one at a time alone.\n"
    )


def model_folder(folder: Path, record_path: Path, models: Path) -> Path:
    """Write config.json and model.keras of one training, and return their folder.

    Raises:
        ValueError: the weights are not those of the network.
    """
    record = read_json(record_path)
    (network,) = read_plan(folder).only([record["network"]]).networks
    config = RunConfig.from_dict(read_json(run_path(folder, network.task)))
    trained = replace(
        config.train,
        iterations=record["steps"], epochs=None, batch_size=record["batch"], learning_rate=record["learning_rate"],
        weight_decay=record["weight_decay"], label_smoothing=record["label_smoothing"],
        average_decay=record["average_decay"], seed=record["seed"],
    )  # fmt: skip
    config = replace(config, model=ModelConfig(network.name), train=trained)
    model = whole_network(network.name, config, record_path.with_suffix(".npz"))
    place = models / record_path.stem
    place.mkdir(parents=True, exist_ok=True)
    write_config(place, config)
    model.save(place / WEIGHTS)
    return place


def whole_network(name: str, config: RunConfig, weights: Path) -> Any:
    """Build a network with its softmax, and give it the weights that a training kept."""
    import keras

    from tfkws.models import build_model

    model = build_model(name, input_shape=config.features.input_shape, num_classes=len(config.labels))
    with np.load(weights, allow_pickle=False) as stored:
        for letter, variables in (("w", model.trainable_variables), ("o", model.non_trainable_variables)):
            for i, variable in enumerate(variables):
                variable.assign(keras.ops.convert_to_tensor(stored[f"{letter}{i}"]))
    return model
