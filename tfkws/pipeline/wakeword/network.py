"""The network of a detector: the first of the known ones, or of a search's front, that keeps to the limits."""

import tempfile
from pathlib import Path
from typing import Any

from tfkws.config import FeatureConfig, ModelConfig
from tfkws.config.strict import read
from tfkws.config.wakeword import NetworkLimits, WakewordConfig
from tfkws.cost import count
from tfkws.cost.micro_structures import MicroArena
from tfkws.errors import ConfigError, ConversionError
from tfkws.models import build_model
from tfkws.pipeline.parts.device_costs import latency_of
from tfkws.pipeline.parts.footprints import untrained_file, untrained_stream
from tfkws.result_files import FRONT, trial_folder
from tfkws.run_folder import read_record, write_bytes
from tfkws.tflite.export.esphome.form import as_device_takes
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.arena import arena_of
from tfkws.training.model_folder import open_model_folder
from tfkws.wakeword.networks import NetworkCost, first_within, known_for


def choose_network(
    config: WakewordConfig, features: FeatureConfig, limits: NetworkLimits, front: Path | None
) -> tuple[ModelConfig, NetworkCost]:
    """Return the network to train and what it costs.

    Raises:
        ConfigError: none keeps to the limits.
        ModelError: no network is called `config.model`.
    """
    candidates = known_for(features)
    if front is not None:
        candidates = members(front)
    elif config.model:
        candidates = (ModelConfig(config.model),)
    return first_within(candidates, lambda model: cost_of(model, features, limits.max_latency_us is not None), limits)


def cost_of(model: ModelConfig, features: FeatureConfig, timed: bool) -> NetworkCost:
    """Count, convert and, where it is asked for, time a network with fresh weights.

    With microWakeWord's front end it is the streaming file that counts, as it is handed out.
    """
    network = build_model(model.name, input_shape=features.input_shape, num_classes=2, **model.variant)
    macs = float(count(network).macs)
    on_stream = features.kind == "micro"
    file = untrained_stream(network, features) if on_stream else untrained_file(network)
    latency_us = _latency_us(untrained_file(network) if on_stream else file) if timed else None
    size = len(file.content)
    try:
        return NetworkCost(macs, size, _arena(file, features), latency_us=latency_us)
    except ConversionError as error:
        return NetworkCost(macs, size, None, str(error), latency_us)


def _arena(file: TfliteFile, features: FeatureConfig) -> MicroArena:
    """Measure the arena of what is exported: for ESPHome, where that has the front end, if it takes the network."""
    if features.kind != "micro":
        return arena_of(file)
    try:
        return arena_of(as_device_takes(file, features.time_first, word=1))
    except ConversionError:
        return arena_of(file)


def _latency_us(file: TfliteFile) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "int8.tflite"
        write_bytes(path, file.content)
        return latency_of(path, "local", "")["latency_us"]


def members(front: Path) -> tuple[ModelConfig, ...]:
    """Return the networks of a search's front, the one with the smallest error first.

    Raises:
        ConfigError: the folder holds no front.
        RunFolderError: the network of a member is not there.
    """
    path = front / FRONT
    if not path.is_file():
        raise ConfigError(f"{front} holds no {FRONT}; give a folder that `tfkws search` wrote.")
    found = read(tuple[dict[str, Any], ...], read_record(path).get("members", []), "members")
    if not found:
        raise ConfigError(f"The front in {path} is empty; let the search go on, or choose another.")
    ranked = sorted(found, key=lambda member: member.get("metrics", {}).get("top1_error", 1.0))
    return tuple(open_model_folder(front / trial_folder(int(each["number"]))).config.model for each in ranked)
