"""Whether a file answers on a GPU as it does on the CPU, on the same clips: by the gate that converted files pass."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfkws.data.clip_set import ClipSet
from tfkws.pipeline.parts.detector import Detector

if TYPE_CHECKING:
    from tfkws.tflite.file.tflite_file import TfliteFile


def judge_gpu(on_gpu: Detector, answers: np.ndarray, on_cpu: Detector, clips: ClipSet) -> dict[str, Any]:
    """Compare answers of a GPU with the CPU's.

    Args:
        answers: those of `on_gpu`, float32 (clips, classes).
        on_cpu: the same file on the CPU.

    Returns:
        runtime, what the accelerator says of itself, against_cpu (the gate's report, with the CPU as reference),
        tolerance of a probability, within: whether the gate and the tolerance hold, and known_fault: what the
        accelerator is known to compute wrongly of this file, empty for nothing.
    """
    from tfkws.tflite.convert.parity_gate import parity_report
    from tfkws.tflite.gpu.known_faults import known_fault
    from tfkws.tflite.gpu.tolerance import tolerance_for

    facts = on_gpu.accelerator or {}
    report = parity_report(on_cpu.answer(clips), answers, clips.labels, np.asarray(clips.speakers))
    file = _runnable(on_gpu.path)
    tolerance = tolerance_for(facts["precision"], file.contents.computes_in_floats)
    return {
        "runtime": on_gpu.runtime,
        **facts,
        "against_cpu": report.to_dict(),
        "tolerance": tolerance,
        "within": report.passes() and report.max_output_error <= tolerance,
        "known_fault": known_fault(file.graph),
    }


def _runnable(path: Path) -> "TfliteFile":
    from tfkws.tflite.bundle.archive import read_runnable

    return read_runnable(path)
