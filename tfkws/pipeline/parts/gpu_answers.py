"""Whether a file answers on a GPU as it does on the CPU, on the same clips: by the gate that converted files pass."""

from pathlib import Path
from typing import Any

import numpy as np

from tfkws.data.clip_set import ClipSet
from tfkws.pipeline.parts.detector import Detector


def judge_gpu(on_gpu: Detector, answers: np.ndarray, on_cpu: Detector, clips: ClipSet) -> dict[str, Any]:
    """Compare answers of a GPU with the CPU's.

    Args:
        answers: those of `on_gpu`, float32 (clips, classes).
        on_cpu: the same file on the CPU.

    Returns:
        runtime, what the accelerator says of itself, against_cpu (the gate's report, with the CPU as reference),
        tolerance of a probability, and within: whether the gate and the tolerance hold.
    """
    from tfkws.tflite.convert.parity_gate import parity_report
    from tfkws.tflite.gpu.tolerance import tolerance_for

    facts = on_gpu.accelerator or {}
    report = parity_report(on_cpu.answer(clips), answers, clips.labels, np.asarray(clips.speakers))
    tolerance = tolerance_for(facts["precision"], _computes_in_floats(on_gpu.path))
    return {
        "runtime": on_gpu.runtime,
        **facts,
        "against_cpu": report.to_dict(),
        "tolerance": tolerance,
        "within": report.passes() and report.max_output_error <= tolerance,
    }


def _computes_in_floats(path: Path) -> bool:
    from tfkws.tflite.bundle.archive import read_runnable

    return read_runnable(path).contents.computes_in_floats
