"""An architecture search as a whole."""

from dataclasses import dataclass
from typing import Any, Literal

from tfkws.config.conversion import RunsOn
from tfkws.config.strict import Config, Count, NotNegative, Positive, Seed, ShareAboveZero, Whole, require, without_none

PREDICTED = "predicted_"  # begins the name of a cost that a fitted model tells, not a target
GPU = "gpu"  # the target of a search that is the GPU on which Keras' backend trains
FILE_KIB = "file_kib"  # of a candidate's int8 file
ARENA_KIB = "arena_kib"
MICRO_ARENA_KIB = f"{ARENA_KIB}@micro"  # in TensorFlow Lite Micro, the interpreter's own structures included
ON_GPU = f"@{GPU}"  # ends the name of a latency there: "latency_us@gpu"


@dataclass(frozen=True)
class TrialPlace(Config):
    """Where the trials of a search run.

    Attributes:
        workers: trials at a time, in processes of their own; unless given, as many as this machine has cores and memory
            for, or what the cluster has room for.
        cluster: run trials on a Ray cluster: HOST:PORT of its head, or auto; empty for this machine.
        trial_cpus: cores of a trial on the cluster.
        trial_gpus: graphics processors of a trial on the cluster; 0.5: two trials share one.
    """

    workers: Whole | None = None
    cluster: str = ""
    trial_cpus: Count = 1
    trial_gpus: NotNegative = 0.0

    def _check(self) -> None:
        require(
            bool(self.cluster) or (self.trial_cpus, self.trial_gpus) == (1, 0),
            "--trial-cpus and --trial-gpus need --cluster; without it, trials share this machine evenly.",
        )


@dataclass(frozen=True)
class SearchConfig(Config):
    """A search as a whole; the defaults are paper B's numbers.

    Costs are those of one example: MACs, parameters, µs, instructions. Errors and shares are 0..1.

    Attributes:
        space: name of a built-in space, or the JSON file that holds it.
        stages: candidates of each stage; parameters are frozen between stages.
        iterations: optimiser steps of each candidate.
        fine_tune_iterations: optimiser steps of each member of the front at the end; 0 leaves that out.
        strategy: "ours", "tpe", "nsga2" or "random".
        objectives: the first one is learned by training.
        max_macs, max_params: candidates above are never drawn.
        max_latency_us, max_instructions: the same where they are predicted; where they are measured, a
            candidate above is given up before it is trained. The latency is the GPU's where that is an objective.
        max_kib: KiB of the int8 file that `tfkws convert` writes; candidates above are never drawn.
        max_arena_kib: KiB of the arena for its activations, or of all that TensorFlow Lite Micro asks for where
            candidates run on that; candidates above are never drawn.
        max_p95_us: 95th percentile of the latency in µs where it is measured; a candidate above is given up before it
            is trained.
        runs_on: micro: candidates have operators of TensorFlow Lite Micro alone, and their arena is measured there.
        predicted: whether latency or instructions come from a fitted model, not from a target.
        max_error: candidates with a larger validation error after `iterations` are of no interest: not on the
            front.
        freeze_support: share of the front that must agree on a value before it is fixed.
        early_stopping: whether a candidate that can hardly reach the front at its cost is stopped.
        looks: validations of each training, the last at its end; an epoch is never longer than between two. None for
            six; a new search of `tfkws search` takes two.
        warm_start: whether a candidate begins with the weights of the most similar trained one.
        fine_tune_from: "scratch", or "weights": the searched ones, so that the iterations of both count
            together.
        lookahead: suggestion n goes by the first n - lookahead results, so up to lookahead + 1 workers change
            nothing.
        seed: keys every random draw.

    Example:
        >>> small = SearchConfig("paper-table", stages=(12, 8), iterations=200, max_macs=5e6)
        >>> small.limits
        {'macs': 5000000.0}
        >>> SearchConfig("paper-table", freeze_support=7)
        Traceback (most recent call last):
        ...
        tfkws.errors.ConfigError: SearchConfig.freeze_support must lie above 0 and be at most 1. Received 7.
    """

    space: str = "paper-table"
    stages: tuple[int, ...] = (300, 500)
    iterations: Count = 8_000
    fine_tune_iterations: Whole = 40_000
    strategy: str = "ours"
    objectives: tuple[str, ...] = ("top1_error", "macs")
    max_macs: Positive | None = None
    max_params: Positive | None = None
    max_latency_us: Positive | None = None
    max_instructions: Positive | None = None
    max_kib: Positive | None = None
    max_arena_kib: Positive | None = None
    max_p95_us: Positive | None = None
    runs_on: RunsOn | None = None
    predicted: bool = False
    max_error: ShareAboveZero | None = None
    freeze_support: ShareAboveZero = 0.7
    early_stopping: bool = True
    looks: Count | None = None
    warm_start: bool = False
    fine_tune_from: Literal["scratch", "weights"] = "scratch"
    lookahead: Whole = 3
    seed: Seed = 0

    def _check(self) -> None:
        enough = len(self.stages) > 0 and min(self.stages) > 0
        require(enough, f"SearchConfig.stages must name at least one number of candidates. Received {self.stages}.")
        require(
            not self.predicted or self.max_p95_us is None,
            "A latency model predicts no 95th percentile: give --max-latency, or measure on --target.",
        )
        require(
            self.fine_tune_from == "scratch" or self.fine_tune_steps > 0 or self.fine_tune_iterations == 0,
            f"Fine-tuning from weights needs more than the {self.iterations} iterations of the search, which count.",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, without younger settings that are not set, so that digests of searches stay."""
        return without_none(super().to_dict(), "max_kib", "max_arena_kib", "max_p95_us", "runs_on", "looks")

    @property
    def fine_tune_steps(self) -> int:
        """Optimiser steps that fine-tuning itself takes, an int of at least 0."""
        taken = self.iterations if self.fine_tune_from == "weights" else 0
        return max(self.fine_tune_iterations - taken, 0)

    @property
    def limits(self) -> dict[str, float]:
        """The limits that are set, by the name of the cost they bound; latency is in µs."""
        prefix = PREDICTED if self.predicted else ""
        place = ON_GPU if any(name.endswith(ON_GPU) for name in self.objectives) else ""
        limits = {
            "macs": self.max_macs,
            "param_count": self.max_params,
            f"{prefix}latency_us{place}": self.max_latency_us,
            f"{prefix}instructions": self.max_instructions,
            FILE_KIB: self.max_kib,
            MICRO_ARENA_KIB if self.runs_on == "micro" else ARENA_KIB: self.max_arena_kib,
            f"latency_p95_us{place}": self.max_p95_us,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}
