"""Which installed runtimes accept a file, and how far their answers differ."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tfkws.errors import RuntimeUnavailableError, TfliteFileError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.runtime.model import open_model
from tfkws.tflite.runtime.runtimes import RUNTIMES, available_runtimes, runtime_version

REFERENCE = "litert"


@dataclass(frozen=True)
class RuntimeAnswer:
    """One runtime on one file.

    Attributes:
        accepted: whether it loads and runs the file; `reason` says why not.
        max_difference: largest difference of a probability (0..1) from ai-edge-litert; None where it was not
            accepted.
    """

    runtime: str
    version: str
    accepted: bool
    max_difference: float | None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def compare_runtimes(file: TfliteFile, examples: np.ndarray) -> tuple[RuntimeAnswer, ...]:
    """Run a file that this process made on every installed runtime.

    Args:
        examples: float32 (n, ...).

    Raises:
        TfliteFileError: ai-edge-litert itself refuses the file.
    """
    reference = open_model(file, load_check=False).predict(examples)
    return tuple(_answer(runtime, file, examples, reference) for runtime in RUNTIMES if runtime in available_runtimes())


def _answer(runtime: str, file: TfliteFile, examples: np.ndarray, reference: np.ndarray) -> RuntimeAnswer:
    version = runtime_version(runtime)
    try:
        answers = open_model(file, runtime=runtime, load_check=False).predict(examples)
    except (TfliteFileError, RuntimeUnavailableError) as error:
        return RuntimeAnswer(runtime, version, False, None, str(error))
    return RuntimeAnswer(runtime, version, True, float(np.abs(answers - reference).max()))
