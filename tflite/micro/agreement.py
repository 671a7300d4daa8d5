"""A file's answers in TensorFlow Lite Micro beside LiteRT's, and the arena that it took there."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.micro.arena import as_on_micro
from tfkws.tflite.micro.interpreter import MicroRun, run_on_micro
from tfkws.tflite.runtime.model import TfliteModel, open_model


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

    TensorFlow Lite Micro is given it as a device is (`tfkws.tflite.micro.arena.as_on_micro`).

    Args:
        examples: float32 (n, ...).
        model: the file where it is open already.

    Raises:
        ConversionError: TensorFlow Lite Micro cannot run it; the message names the layer.
        RuntimeUnavailableError: the package tflite-micro is not installed.
    """
    opened = model or open_model(file)
    inputs = opened.input_quantization.store(examples)
    run = run_on_micro(as_on_micro(file), inputs[:, None])
    opened.reset()
    ours = opened.answer_stored(inputs).reshape(run.outputs.shape)
    difference = float(np.abs(ours.astype(np.float64) - run.outputs.astype(np.float64)).max())
    return MicroAgreement(run, inputs, difference, opened.output_quantization.scale != 0)
