"""How a trained network is made smaller: what to do, and the record of what was done."""

from dataclasses import dataclass
from typing import Literal

from tfkws.config.strict import Config, Count, Seed, ShareBelowOne, require

Importance = Literal["taylor", "l1", "bn-scale"]  # how filters are ranked; tfkws.compression.pruning.importance


@dataclass(frozen=True)
class Compression(Config):
    """What to do to a trained network.

    Attributes:
        quantization_aware: fine-tune with int8 rounding, after any pruning, so that int8 loses less.
        prune_macs: share of the multiply-accumulates to remove by pruning filters, from 0 (none) to below 1.
        importance: how filters are ranked: taylor, l1 or bn-scale.
        steps: prune and fine-tune this many times, each by the same factor.
        iterations: optimiser steps of each kind of fine-tuning, all steps of pruning together; None for the
            recipe's.
        seed: keys every random draw.
    """

    quantization_aware: bool = False
    prune_macs: ShareBelowOne = 0.0
    importance: Importance = "taylor"
    steps: Count = 1
    iterations: Count | None = None
    seed: Seed = 0

    def _check(self) -> None:
        something = self.quantization_aware or self.prune_macs > 0
        require(something, "Say what to do: --quantization-aware, --prune-macs SHARE, or both.")
        require(
            self.iterations is None or self.iterations >= self.steps,
            f"Compression.iterations must be at least one for each of {self.steps} steps. Received {self.iterations}.",
        )


@dataclass(frozen=True)
class CompressConfig(Config):
    """What a compressed network came from and what was done to it; the fine-tuning that followed is a `TrainConfig`.

    Attributes:
        method: "quantization-aware", or "pruned".
        source: name of the model folder.
        source_sha256: of the model.keras in it.
        prune_macs: share of the source's multiply-accumulates to remove, 0..1; 0 unless pruned.
        importance: how filters were ranked; empty unless pruned.
    """

    method: Literal["quantization-aware", "pruned"]
    source: str
    source_sha256: str
    prune_macs: ShareBelowOne = 0.0
    importance: Literal["", Importance] = ""
