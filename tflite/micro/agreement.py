"""A file's answers in TensorFlow Lite Micro beside LiteRT's, and the arena that it took there."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.errors import ConversionError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.interpreter import MicroRun, run_on_micro
from tfkws.tflite.runtime.model import TfliteModel, open_model
from tfkws.units import format_bytes


@dataclass(frozen=True)
class MicroAgreement:
    """What both runtimes said to the same inputs.

    Attributes:
        inputs: as the file stores them, (n, ...).
        difference: the largest, in steps of the output's scale; of a file that answers in floats in probability.
        in_steps: which of them.
    """

    run: MicroRun
    inputs: np.ndarray
    difference: float
    in_steps: bool

    @property
    def sentence(self) -> str:
        """How far the answers are from each other, in words."""
        if self.difference == 0:
            return "equal bit for bit"
        steps = f"{self.difference:.0f} step{'s' if self.difference > 1 else ''} of the output"
        return f"differ by up to {steps if self.in_steps else f'{self.difference:.3g} of a probability'}"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "arena_bytes": self.run.arena_bytes,
            "maps_bytes": self.run.maps_bytes,
            "structures_bytes": self.run.structures_bytes,
            "examples": len(self.inputs),
            "answers_beside_litert": self.sentence,
        }


def compare_with_micro(file: TfliteFile, examples: np.ndarray, model: TfliteModel | None = None) -> MicroAgreement:
    """Answer examples on both runtimes; a file that keeps a state hears them as the steps of one stream.

    Args:
        file: in one piece (`tfkws.tflite.file.compacted`).
        examples: float32 (n, ...).
        model: the file where it is open already.

    Raises:
        ConversionError: TensorFlow Lite Micro cannot run it; the message names the layer.
        RuntimeUnavailableError: the package tflite-micro is not installed.
    """
    opened = model or open_model(file)
    inputs = opened.input_quantization.store(examples)
    run = run_on_micro(file, inputs[:, None])
    opened.reset()
    ours = opened.answer_stored(inputs).reshape(run.outputs.shape)
    difference = float(np.abs(ours.astype(np.float64) - run.outputs.astype(np.float64)).max())
    return MicroAgreement(run, inputs, difference, opened.output_quantization.scale != 0)


def check_arena(run: MicroRun, max_kib: float | None, option: str = "--max-arena-kib") -> None:
    """Refuse a network whose arena is larger than allowed.

    Raises:
        ConversionError: it is.
    """
    if max_kib is not None and run.arena_bytes > max_kib * 1024:
        raise ConversionError(
            f"The network needs an arena of {format_bytes(run.arena_bytes)}, more than {option} {max_kib:g}; search a "
            "smaller one by `tfkws search --for micro --max-arena-kib`."
        )
