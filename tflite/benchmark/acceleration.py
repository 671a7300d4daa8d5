"""What a benchmark on a GPU tells beside latency: what computed, what fell back, whether answers are the CPU's."""

import signal
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.errors import BenchmarkError
from tfkws.tflite.benchmark.summary import LatencySummary, summarise_latency
from tfkws.tflite.gpu.native_log import MEND, ended_sentence
from tfkws.tflite.gpu.tolerance import tolerance_for
from tfkws.tflite.targets.session import SignalError, TooSlowError

KERNELS = "webgpu"  # of a result on a GPU, in place of the CPU's families
CRASHES = (signal.SIGABRT, signal.SIGBUS, signal.SIGSEGV)  # of a GPU's driver, or of what stands on it


@dataclass(frozen=True)
class Acceleration:
    """One model on one GPU.

    Attributes:
        adapter: name, vendor, architecture, backend, kind, software (bool) and driver of what computed.
        precision: "float32", enforced, or "half", the accelerator's default.
        fully_accelerated: whether every operator ran on the GPU.
        operators: how many ran on gpu and cpu (None where the accelerator does not say), and which were
            refused (opcode to reason).
        first_call_us: of a process, input to answer, the median over processes, in µs.
        without_transfer: latency of the run alone, its input on the GPU already, in µs.
        is_copy: whether a copy that computes no shapes ran in the place of the file.
        largest_difference: of an answer from the CPU's, as real numbers; None where an answer is no number.
        tolerance: the largest that is allowed.
    """

    adapter: dict[str, Any]
    precision: str
    fully_accelerated: bool
    operators: dict[str, Any]
    first_call_us: float
    without_transfer: LatencySummary
    is_copy: bool
    largest_difference: float | None
    tolerance: float

    @property
    def software(self) -> bool:
        """Whether the adapter is a program on the processor."""
        return bool(self.adapter["software"])

    def warnings(self) -> tuple[str, ...]:
        """Return what makes the figures doubtful, each with what to do."""
        found = []
        if self.software:
            found.append("a software adapter computed: these times say nothing about a GPU; use one with a driver.")
        if not self.fully_accelerated:
            found.append(f"{self._fallback()}: convert the model with `tfkws convert`, or use other operators.")
        if self.largest_difference is None:
            found.append("an answer is not a number; use --runtime litert.")
        elif self.largest_difference > self.tolerance:
            found.append(
                f"an answer differs from the CPU's by {self.largest_difference:.2g}, more than {self.tolerance:g}: "
                "score it with `tfkws evaluate --runtime litert-gpu`."
            )
        return tuple(found)

    def _fallback(self) -> str:
        counts, refused = self.operators, ", ".join(self.operators["refused"])
        told = f"{counts['cpu']} of {counts['cpu'] + counts['gpu']} operators" if counts["cpu"] else "some operators"
        return f"{told} ran on the CPU ({refused or 'the accelerator does not say which'})"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def acceleration_of(answers: Sequence[dict[str, Any]], float_model: bool, is_copy: bool) -> Acceleration | None:
    """Summarise what the processes of one model said; None where no GPU computed.

    Args:
        answers: of `tfkws.tflite.benchmark.timing_loop.time_model`; at least one.
        float_model: whether the file computes in floating point.
        is_copy: as in the result.
    """
    told = [answer["accelerator"] for answer in answers if "accelerator" in answer]
    if not told:
        return None
    first, differences = told[0], [each["largest_difference"] for each in told]
    return Acceleration(
        adapter=first["adapter"],
        precision=first["precision"],
        fully_accelerated=first["fully_accelerated"],
        operators=first["operators"],
        first_call_us=float(np.median([answer["warmup_ns"][0] for answer in answers])) / 1e3,
        without_transfer=summarise_latency([each["without_transfer_ns"] for each in told]),
        is_copy=is_copy,
        largest_difference=None if None in differences else max(differences),
        tolerance=tolerance_for(first["precision"], float_model),
    )


def failure_on_gpu(error: SignalError | TooSlowError) -> BenchmarkError:
    """Return what the end of a process means where a GPU computed: its driver or the accelerator is the first suspect.

    A signal that comes from elsewhere, as where memory ran out, keeps its sentence.
    """
    if isinstance(error, TooSlowError):
        return error.with_mend(MEND)
    if error.number not in CRASHES:
        return error
    return BenchmarkError(f"On {error.target}: {ended_sentence(-error.number, error.log)}")
