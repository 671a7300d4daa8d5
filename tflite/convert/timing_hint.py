"""Does the converted file pay on this CPU? A short look, told as a ratio; `tfkws benchmark` is what measures."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.tflite.runtime.model import TfliteModel, open_model

WARMUP_ROUNDS = 10
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
        """Whether the converted file is clearly faster."""
        return self.ratio < PAYS_BELOW

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self) | {"ratio": self.ratio, "pays": self.pays}


def time_both(float_file: bytes, content: bytes, examples: np.ndarray) -> TimingHint:
    """Run both files in turns for at most about two seconds.

    Args:
        examples: float32 (n, ...), inputs of both.

    Raises:
        TfliteFileError: the runtime refuses a file.
    """
    models = [open_model(file, trial=False) for file in (float_file, content)]
    inputs = [model.input_quantization.store(examples) for model in models]
    times: list[list[int]] = []
    end = time.perf_counter() + SECONDS
    while len(times) < WARMUP_ROUNDS + ROUNDS and (time.perf_counter() < end or len(times) < FEWEST_ROUNDS):
        place = len(times) % len(examples)
        times.append([_nanoseconds(model, stored[place]) for model, stored in zip(models, inputs, strict=True)])
    kept = np.array(times[min(WARMUP_ROUNDS, len(times) - FEWEST_ROUNDS) :]) / 1e3
    medians = np.median(kept, axis=0)
    return TimingHint(float(medians[0]), float(medians[1]), len(kept))


def _nanoseconds(model: TfliteModel, stored: np.ndarray) -> int:
    model.set_stored_input(stored[None])
    started = time.perf_counter_ns()
    model.invoke()
    return time.perf_counter_ns() - started
