"""What `tfkws quickstart` does."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Quickstart:
    """What quickstart does; the defaults take less than six minutes on two cores.

    Lengths of training are in optimiser steps, costs in MACs.

    Attributes:
        out: folder of all results.
        data: folder in Speech Commands' layout; synthetic speech is written under `out` and taken unless it
            is given.
        word: the wake word.
        seed: keys every random draw.
        seed_iterations, trial_iterations, winner_iterations: optimiser steps of the three kinds of training.
        candidates: of the search.
        max_macs: candidates above are never drawn.
    """

    out: Path = Path("artifacts/quickstart")
    data: Path | None = None
    word: str = "sheila"
    seed: int = 0
    seed_iterations: int = 150
    trial_iterations: int = 100
    winner_iterations: int = 300
    candidates: int = 6
    max_macs: float = 5e6
