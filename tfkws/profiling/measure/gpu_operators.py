"""Time per operator of a .tflite file on a GPU, as its result file holds it; `tfkws.tflite.profile.on_gpu` measures it.

A row is what could be told apart: one operator, or neighbours.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

KIND = "operators on a GPU"  # in the result file, which tells it from a CPU's
FOLDED, UNKNOWN = "folded", "unknown"
PREFIXES, SUBMODELS = "prefixes", "submodels"


@dataclass(frozen=True)
class GpuOperator:
    """One operator of the file.

    Attributes:
        name, layer_class: of the Keras layer that it came from.
        macs, params: None where it has no counting rule.
        weight_bytes: constants that it reads, part of `bytes_moved`.
        alone_us: as a file of its own, less an empty call, at least 0; None where it was not timed so.
        refused: why the accelerator leaves it to the CPU; empty where it does not say that.
    """

    index: int
    opcode: str
    name: str
    layer_class: str
    macs: int | None
    params: int | None
    weight_bytes: int
    bytes_moved: int
    alone_us: float | None
    refused: str


@dataclass(frozen=True)
class GpuRow:
    """Neighbours whose times cannot be told apart, often one.

    Attributes:
        time_us: the prefix that ends with the last of them less the prefix before the first; 0 where it is not known.
        interval_us: of the time, over the rounds; None where it was not measured.
        method: "prefixes", "submodels" (each as a file of its own), "folded" (computed once, when the file is
            loaded) or "unknown".
        share: of the sum over all rows.
        alone_us: sum over the operators; None where one was not timed by itself.
    """

    operators: tuple[GpuOperator, ...]
    time_us: float
    interval_us: tuple[float, float] | None
    method: str
    share: float

    @property
    def alone_us(self) -> float | None:
        """Sum of what its operators take as files of their own."""
        alone = [operator.alone_us for operator in self.operators]
        return None if None in alone else sum(each for each in alone if each is not None)


@dataclass(frozen=True)
class GpuKernel:
    """What the accelerator itself tells of one kernel of a run, in order.

    Attributes:
        kernel: as the accelerator names it.
        operator: number (int) of the operator that it computes; None where the accelerator does not tell.
        time_us: mean of the middle half of the runs under the profiler.
    """

    kernel: str
    operator: int | None
    time_us: float


@dataclass(frozen=True)
class GpuProfile:
    """Operators of one file on a GPU. Runs end when the GPU has finished; inputs and outputs stay on it.

    Attributes:
        method: how the rows were timed.
        accelerator: adapter (with driver and whether it is software), precision, fully_accelerated, operators.
        events: the sentence that says whether the accelerator tells times of its own; `recorded_events` are those.
        kernels: made of them; in the result file only where there are any.
        rounds: in each of which all files took their turn, for a block of runs.
        whole_us, whole_interval_us: the file itself.
        last_prefix_us: the longest prefix, which holds all operators; None where none was timed.
        empty_call_us: a file of one operator on one number.
        sum_us: of the rows.
        difference: of the longest prefix from the whole, as a fraction of the whole; of the sum with an empty call
            where there are no prefixes.
        agrees: whether that is within 5 %; None where it cannot be told.
        alone_sum_us: of all operators, each as a file of its own; None where one was not timed so.
        alone_difference: of that sum with an empty call from the whole, as a fraction of the whole.
        machine: as `tfkws.tflite.targets.machine` reads it.
    """

    model: str
    model_sha256: str
    number_type: str
    method: str
    runtime: str
    runtime_version: str
    threads: int
    runs: int
    rounds: int
    accelerator: Mapping[str, Any]
    events: str
    recorded_events: tuple[Mapping[str, Any], ...]
    whole_us: float
    whole_interval_us: tuple[float, float]
    last_prefix_us: float | None
    empty_call_us: float
    sum_us: float
    difference: float
    agrees: bool | None
    alone_sum_us: float | None
    alone_difference: float | None
    warnings: tuple[str, ...]
    machine: Mapping[str, Any]
    rows: tuple[GpuRow, ...]
    input_shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    kernels: tuple[GpuKernel, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        values = {"kind": KIND, **asdict(self)}
        for row, plain in zip(self.rows, values["rows"], strict=True):
            plain["alone_us"] = row.alone_us
        if not self.kernels:
            del values["kernels"]
        return values
