"""Run as a script by test_ray.py: a search with its trials on a Ray cluster, or on this machine without an address.

Arguments: folder, name of the training, address.
"""

import sys
from pathlib import Path

from fake_trainings import SPACE, InTurn, ToyEpochs, ToyTraining, toy_macs

from tfkws.config import SearchConfig
from tfkws.tuner.evaluate import Evaluate
from tfkws.tuner.search import run_search
from tfkws.tuner.workers.ray_connection import Cluster

CONFIG = SearchConfig("toy", (8,), 100, 0, strategy="nsga2", lookahead=3, seed=0)
SLOW = ToyEpochs(seconds=0.25, epochs=8)
FAILING = ToyEpochs(ToyTraining(crash=(1,), die=(3,)), 0.0, 1)


# The results of "in-turn" arrive in the order of suggestion and are those of "quick".
TRAININGS: dict[str, Evaluate] = {
    "quick": ToyTraining(), "slow": SLOW, "failing": FAILING, "in-turn": InTurn(SLOW)
}  # fmt: skip


def main(folder: Path, name: str, address: str = "") -> None:
    """Search, or go on."""
    run_search(
        CONFIG,
        TRAININGS[name],
        folder,
        space=SPACE,
        known_costs={"macs": toy_macs},
        workers=0 if name == "quick" else 3,
        cluster=Cluster(address) if address else None,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
