"""Everything that the page shows, computed once from the records of one card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.profile.gpu.measured import (
    RECORDS,
    GpuTime,
    Work,
    card_of,
    read_cpu_us,
    read_gpu_times,
    read_instructions,
    read_works,
)
from benchmarks.profile.gpu.models import GPU_TERMS, FittedModel, cpu_model, gpu_models, kernel_counts
from benchmarks.zoo_files import COMMANDS
from tfkws.run_folder import read_json

SEED = COMMANDS[0]
Values = Mapping[str, float]


@dataclass(frozen=True)
class Study:
    """The networks on a card, on a core, on an emulated core, and what each asks for."""

    card: str
    runtime: str
    times: Mapping[str, GpuTime]
    works: Mapping[str, Work]
    cpu_us: Values
    instructions: Values

    @property
    def suffices(self) -> bool:
        """Whether the models can be fitted and judged: the seed and kws12, and four networks of other families."""
        others = sum(name not in COMMANDS for name in self.times)
        return {SEED, COMMANDS[-1]} <= self.times.keys() and others >= len(GPU_TERMS)

    @cached_property
    def cpu(self) -> FittedModel:
        """The model of the core."""
        return cpu_model(self.works, self.cpu_us)

    @cached_property
    def gpu(self) -> tuple[FittedModel, FittedModel]:
        """The models of the GPU: call to answer, and kernels busy."""
        return gpu_models(self.works, self.times)

    def amounts(self) -> dict[str, Values]:
        """Return every list of numbers by which networks can be ranked, by its name."""
        works, times = self.works, self.times
        latency, busy = self.gpu
        return {
            "MACs (FLOPs / 2)": {name: work.macs for name, work in works.items()},
            "bytes of weights": {name: work.weight_bytes for name, work in works.items()},
            "Keras layers": {name: work.layers for name, work in works.items() if work.layers},
            "kernels on the GPU": kernel_counts(works, times),
            "the core's model": self.cpu.left_out,
            "the GPU's model, call to answer": latency.left_out,
            "the GPU's model, kernels busy": busy.left_out,
            "measured, one x86 core": self.cpu_us,
            "counted, instructions of a Cortex-A53": self.instructions,
            "measured, GPU, call to answer": {name: time.latency_us for name, time in times.items()},
            "measured, GPU, kernels busy": {name: time.busy_us for name, time in times.items()},
        }


def read_study(folder: Path) -> Study:
    """Read the records of one card under `folder`, and the published ones of the two cores."""
    records = folder / RECORDS
    first = read_json(min(records.glob("*.json")))
    return Study(
        card=card_of(records),
        runtime=f"jax {first['jax']}",
        times=read_gpu_times(records),
        works=read_works(),
        cpu_us=read_cpu_us(),
        instructions=read_instructions(),
    )


def only(values: Values, names: Sequence[str]) -> dict[str, float]:
    """Return the values of the named networks, without those that lack one."""
    return {name: values[name] for name in names if name in values}


def speedups(values: Values) -> dict[str, float]:
    """Return by how much each of paper B's networks falls below the seed: 1.0 for the same."""
    return {name: values[SEED] / values[name] for name in COMMANDS[1:] if name in values}


def fixed_share(speedup: float, macs_ratio: float) -> float:
    """Return the least share of the seed's time that no fewer MACs can shorten, 0..1.

    With a share s of the time fixed and the rest going with MACs, a network of `macs_ratio` times fewer MACs is
    1 / (s + (1 - s) / macs_ratio) times as fast: Amdahl 1967.

    Example:
        >>> round(fixed_share(2.0, 1e9), 3)
        0.5
    """
    return (1 / speedup - 1 / macs_ratio) / (1 - 1 / macs_ratio)
