"""The prepared folder: what it holds, and where."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfkws.config.strict import record
from tfkws.run_folder import read_json, write_json

PLAN = "plan.json"
MAPS, FILES, WHEELS, LOADER = "maps", "files", "wheels", "vulkan"


@dataclass(frozen=True)
class Network:
    """A network of the plan.

    Attributes:
        input_shape: (height, width, channels) that its latency is measured for.
        classes: of its output there.
        task: name of the maps that it is trained on.
        batch, epochs, iterations: of its training; one of the last two is 0.
        learning_rate: the largest of the training.
    """

    name: str
    input_shape: tuple[int, int, int]
    classes: int
    task: str
    batch: int
    epochs: int
    iterations: int
    learning_rate: float

    def steps(self, clips: int) -> int:
        """Return the optimiser steps of its training on `clips` training clips."""
        return self.iterations or max(1, self.epochs * clips // self.batch)


@dataclass(frozen=True)
class Plan:
    """What is to be measured, in this order.

    Attributes:
        commit: from which the folder was prepared.
    """

    networks: tuple[Network, ...]
    commit: str

    def save(self, folder: Path) -> None:
        """Write the plan into a prepared folder."""
        write_json(folder / PLAN, asdict(self))

    def only(self, names: Sequence[str]) -> "Plan":
        """Return the plan of the named networks, in its own order; of all where none is named.

        Raises:
            SystemExit: one is not in it.
        """
        known = {network.name: network for network in self.networks}
        if unknown := [name for name in names if name not in known]:
            raise SystemExit(f"This folder holds no {', '.join(unknown)}; it holds {', '.join(known)}.")
        return Plan(tuple(each for each in self.networks if each.name in names or not names), self.commit)


def read_plan(folder: Path) -> Plan:
    """Read the plan of a prepared folder.

    Raises:
        SystemExit: it is none.
    """
    if not (folder / PLAN).is_file():
        raise SystemExit(f"{folder} holds no {PLAN}; `python -m benchmarks gpu --prepare FOLDER` makes such a folder.")
    return record(Plan, read_json(folder / PLAN))


def maps_path(folder: Path, task: str) -> Path:
    """Return where the feature maps of a task lie."""
    return folder / MAPS / f"{task}.npz"


def run_path(folder: Path, task: str) -> Path:
    """Return where the settings of a training on a task lie, as `RunConfig.to_dict` makes them."""
    return folder / MAPS / f"{task}.json"


def network_record(network: Network) -> dict[str, Any]:
    """Return a network as JSON holds it."""
    return asdict(network)
