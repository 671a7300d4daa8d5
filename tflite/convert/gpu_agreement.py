"""Whether a converted file answers on a GPU as on the CPU: what the gate of `tfkws convert` tells of it."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.config import GpuUse
from tfkws.errors import RuntimeUnavailableError, TfkwsError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.gpu.adapters import NO_ADAPTER, ask_vulkan
from tfkws.tflite.gpu.interpreter import accelerator_library
from tfkws.tflite.gpu.known_faults import known_fault
from tfkws.tflite.gpu.tolerance import tolerance_for
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.runtime.runtimes import RUNTIMES, runtime_version


@dataclass(frozen=True)
class GpuAnswer:
    """One file on a GPU in one precision.

    Attributes:
        precision: "float32", enforced, or "half".
        adapter, fully_accelerated, operators: as `tfkws.tflite.gpu.interpreter.Interpreter.facts` tells; None where
            it did not run, and `reason` says why.
        max_difference: largest difference of a probability (0..1) from the CPU's; None where it did not run, or
            where an answer is no number.
        tolerance: the largest that is allowed.
        within: whether it ran and keeps the tolerance.
        known_fault: sentence about operators that the accelerator computes wrongly; empty where none is known.
    """

    runtime: str
    version: str
    precision: str
    adapter: dict[str, Any] | None
    fully_accelerated: bool | None
    operators: dict[str, Any] | None
    max_difference: float | None
    tolerance: float
    within: bool
    known_fault: str
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def gpu_is_wanted(asked: GpuUse) -> bool:
    """Return whether a GPU is to answer; "auto" asks Vulkan for one in hardware, which takes a tenth of a second.

    Raises:
        RuntimeUnavailableError: "yes", and no adapter or no accelerator is there; the message says the mend.
    """
    if asked == "no":
        return False
    try:
        accelerator_library()
        adapters = ask_vulkan()
    except RuntimeUnavailableError:
        if asked == "yes":
            raise
        return False
    if asked == "yes" and not adapters:
        raise RuntimeUnavailableError(f"No GPU can be used: Vulkan shows no adapter. {NO_ADAPTER}")
    return asked == "yes" or any(not each["software"] for each in adapters)


def compare_on_gpu(file: TfliteFile, examples: np.ndarray) -> tuple[GpuAnswer, ...]:
    """Run a file that this process made on the GPU, in float32 and in half precision, against the CPU.

    Args:
        examples: float32 (n, ...).
    """
    expected = open_model(file, load_check=False).predict(examples)
    return tuple(_answer(runtime, file, examples, expected) for runtime, row in RUNTIMES.items() if row.on_gpu)


def _answer(runtime: str, file: TfliteFile, examples: np.ndarray, expected: np.ndarray) -> GpuAnswer:
    precision = str(dict(RUNTIMES[runtime].settings)["precision"])
    facts: dict[str, Any] = {}
    difference, reason = None, ""
    try:
        model = open_model(file, runtime=runtime, load_check=False)
        facts = model.accelerator or {}
        answers = model.predict(examples)
        difference = float(np.abs(answers - expected).max()) if np.isfinite(answers).all() else None
        reason = "" if difference is not None else "an answer is not a number"
    except TfkwsError as error:
        reason = str(error)
    tolerance = tolerance_for(precision, file.contents.computes_in_floats)
    return GpuAnswer(
        runtime=runtime,
        version=runtime_version(runtime),
        precision=precision,
        adapter=facts.get("adapter"),
        fully_accelerated=facts.get("fully_accelerated"),
        operators=facts.get("operators"),
        max_difference=difference,
        tolerance=tolerance,
        within=difference is not None and difference <= tolerance,
        known_fault=known_fault(file.graph),
        reason=reason,
    )
