"""A .tflite file from anywhere, checked and loaded on one of the runtimes of `tfkws.tflite.runtime.runtimes`."""

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.errors import TfliteFileError
from tfkws.graphs.tflite_graph import TfliteGraph
from tfkws.tflite.file.tflite_file import TfliteFile, tflite_file
from tfkws.tflite.runtime.bare import BareModel, build_interpreter
from tfkws.tflite.runtime.load_check import check_that_it_loads
from tfkws.tflite.runtime.runtimes import check_settings, load_runtime


class TfliteModel(BareModel):
    """A loaded model with one input and one output. Several threads may call it; they take turns.

    Attributes:
        graph: what the file holds.
    """

    def __init__(
        self, interpreter: Any, graph: TfliteGraph, runtime: str, kernels: str, threads: int, load_us: float
    ) -> None:
        super().__init__(interpreter, runtime, kernels, threads, load_us)
        self.graph = graph
        self._turn = threading.Lock()  # an interpreter holds one run's tensors

    @property
    def takes_audio(self) -> bool:
        """Whether it takes samples, with the front end inside, and not feature maps."""
        return len(self.input_shape) == 1

    def predict(self, examples: np.ndarray) -> np.ndarray:
        """Answer float32 (n, ...) with float32 (n, classes), quantising and dequantising as the file says.

        Raises:
            TfliteFileError: the examples do not have the model's input shape.
        """
        if examples.shape[1:] != self.input_shape:
            raise TfliteFileError(
                f"The model takes examples of shape {self.input_shape}. Received {examples.shape[1:]}; "
                "use the front end it was trained with."
            )
        stored = self.input_quantization.store(np.asarray(examples, np.float32))
        with self._turn:
            answers = self.answer_stored(stored)
        return self.output_quantization.restore(answers)

    def tensor(self, index: int) -> np.ndarray:
        """Copy a tensor as it is stored, in its own shape and dtype, after a run.

        See `open_model(keep_tensors=True)`.
        """
        return np.asarray(self._interpreter.get_tensor(index))


def open_model(
    source: TfliteFile | Path | bytes,
    threads: int = 1,
    kernels: str = "xnnpack",
    runtime: str = "litert",
    load_check: bool = True,
    keep_tensors: bool = False,
) -> TfliteModel:
    """Load a .tflite file.

    Args:
        source: a file that was opened, its path, or its bytes.
        threads: for the kernels.
        kernels: "xnnpack" or "builtin" (the reference for XNNPACK, and the only choice for int8 in
            tflite-runtime).
        runtime: a name in `tfkws.tflite.runtime.runtimes.RUNTIMES`. On a GPU the file runs in a child process.
        load_check: load it in a child process first, so that a file at which the runtime aborts cannot end
            this one; False only for a file that this process made.
        keep_tensors: keep intermediate tensors for `TfliteModel.tensor`; builtin kernels only.

    Raises:
        TfliteFileError: the file is damaged, or the runtime refuses it.
        RuntimeUnavailableError: the runtime is not installed.
        ConfigError: no such kernels, or a thread count below 1.
    """
    check_settings(threads, kernels)
    file = tflite_file(source)
    name, content, graph = file.name, file.content, file.graph
    load_runtime(runtime, guarded=True)
    if load_check:
        check_that_it_loads(name, content)
    started = time.perf_counter_ns()
    interpreter = build_interpreter(name, content, threads, kernels, runtime, keep_tensors, guarded=True)
    return TfliteModel(interpreter, graph, runtime, kernels, threads, (time.perf_counter_ns() - started) / 1e3)
