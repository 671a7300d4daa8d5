"""A short look at whether the converted file is faster on this CPU; `tfkws benchmark` is what measures."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.clock import time_in_turns
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model

ROUNDS = 200
FEWEST_ROUNDS = 5
SECONDS = 1.5
PAYS_BELOW = 0.95


@dataclass(frozen=True)
class TimingHint:
    """Median time of one inference in this process, one thread, both files in turns.

    Attributes:
        float_us, file_us: of the float32 file and of the converted one, in microseconds.
    """

    float_us: float
    file_us: float
    rounds: int

    @property
    def ratio(self) -> float:
        """Time of the converted file as a multiple of float32."""
        return self.file_us / self.float_us

    @property
    def pays(self) -> bool:
        """Whether the converted file is clearly faster, by its ratio."""
        return self.ratio < PAYS_BELOW

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self) | {"ratio": self.ratio, "pays": self.pays}


def time_both(float_file: TfliteFile, file: TfliteFile, examples: np.ndarray) -> TimingHint:
    """Run both files in turns for a second or two.

    Args:
        examples: float32 (n, ...), inputs of both.

    Raises:
        TfliteFileError: the runtime refuses a file.
    """
    models = [open_model(each, load_check=False) for each in (float_file, file)]
    inputs = [model.input_quantization.store(examples) for model in models]

    def set_inputs(turn: int) -> None:
        for model, stored in zip(models, inputs, strict=True):
            model.set_stored_input(stored[turn % len(stored)][None])

    samples = time_in_turns(
        [model.invoke for model in models], ROUNDS, seconds=SECONDS, fewest=FEWEST_ROUNDS, prepare=set_inputs
    )
    float_us, file_us = np.median(samples, axis=1) / 1e3
    return TimingHint(float(float_us), float(file_us), len(samples[0]))
