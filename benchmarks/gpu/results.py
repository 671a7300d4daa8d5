"""The folder of results: a file after each step, and what is there is not done again."""

import json
from pathlib import Path

CHECK = "check.json"
LATENCY, LITERT, TRAININGS, LOGS = "latency", "litert", "trainings", "logs"


def latency_path(results: Path, network: str) -> Path:
    """Return where a network's latency and trace are written."""
    return results / LATENCY / f"{network}.json"


def litert_path(results: Path, network: str, runtime: str) -> Path:
    """Return where the latency of a .tflite file by one runtime is written."""
    return results / LITERT / f"{network}-{runtime}.json"


def training_stem(network: str, seed: int) -> str:
    """Return the path below the results of a training's two files, without their endings."""
    return f"{TRAININGS}/{network}-seed{seed}"


def is_finished(results: Path, network: str, seed: int) -> bool:
    """Return whether a training took all of its steps."""
    path = results / f"{training_stem(network, seed)}.json"
    return path.exists() and bool(json.loads(path.read_text())["finished"])


def make_folders(results: Path) -> None:
    """Make every folder that results go to."""
    for name in (LATENCY, LITERT, TRAININGS, LOGS):
        (results / name).mkdir(parents=True, exist_ok=True)
