"""The only place that knows TFLite runtimes: ai-edge-litert, tflite-runtime, tf.lite."""

import importlib
import importlib.util
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tfkws.cost.tflite_graph import TfliteGraph, read_content, read_graph
from tfkws.errors import ConfigError, RuntimeUnavailableError, TfliteFileError
from tfkws.tflite.quiet import quiet
from tfkws.tflite.trial import try_in_child

Kernels = Literal["xnnpack", "builtin"]
Runtime = Literal["litert", "tflite_runtime", "tf"]

MODULES = {
    "litert": ("ai_edge_litert.interpreter", "ai-edge-litert", "pip install ai-edge-litert"),
    "tflite_runtime": ("tflite_runtime.interpreter", "tflite-runtime", "pip install tflite-runtime==2.14.0 'numpy<2'"),
    "tf": ("tensorflow.lite.python.interpreter", "tensorflow", "pip install 'tfkws[train]'"),
}
KERNELS = ("xnnpack", "builtin")


@dataclass(frozen=True)
class Quantization:
    """real = scale * (stored - zero_point)."""

    dtype: np.dtype[Any]
    scale: float
    zero_point: int

    def store(self, real: np.ndarray) -> np.ndarray:
        """Quantise with rounding to nearest even and saturation; float types pass through."""
        if self.scale == 0:
            return real.astype(self.dtype)
        info = np.iinfo(self.dtype)
        return np.clip(np.round(real / self.scale) + self.zero_point, info.min, info.max).astype(self.dtype)

    def restore(self, stored: np.ndarray) -> np.ndarray:
        """Undo `store`, as float32."""
        if self.scale == 0:
            return stored.astype(np.float32)
        return ((stored.astype(np.float32) - self.zero_point) * self.scale).astype(np.float32)


class TfliteModel:
    """A loaded model with one input and one output, ready to answer.

    Attributes:
        input_shape: of one example, without the batch.
        graph: what the file holds.
        runtime, runtime_version, kernels, threads: what it runs on.
        load_us: what the runtime took to build and allocate it.
    """

    def __init__(
        self, interpreter: Any, graph: TfliteGraph, runtime: str, kernels: str, threads: int, load_us: float
    ) -> None:
        self._interpreter = interpreter
        self.load_us = load_us
        self.graph, self.runtime, self.kernels, self.threads = graph, runtime, kernels, threads
        self.runtime_version = runtime_version(runtime)
        self._input, self._output = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        self.input_shape: tuple[int, ...] = tuple(int(size) for size in self._input["shape"][1:])
        self.input_quantization = _quantization(self._input)
        self.output_quantization = _quantization(self._output)

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
        answers = np.empty((len(stored), *self._output["shape"][1:]), self._output["dtype"])
        for index in range(len(stored)):
            self.set_stored_input(stored[index : index + 1])
            self.invoke()
            answers[index] = self._interpreter.get_tensor(self._output["index"])[0]
        return self.output_quantization.restore(answers)

    def set_stored_input(self, stored: np.ndarray) -> None:
        """Put one example (1, ...), of the file's own type, where the next run reads it."""
        self._interpreter.set_tensor(self._input["index"], stored)

    def invoke(self) -> None:
        """Run once."""
        self._interpreter.invoke()

    def tensor(self, index: int) -> np.ndarray:
        """Copy a tensor as it is stored, after a run; see `open_model(keep_tensors=True)`."""
        return np.asarray(self._interpreter.get_tensor(index))


def open_model(
    source: Path | bytes,
    threads: int = 1,
    kernels: str = "xnnpack",
    runtime: str = "litert",
    trial: bool = True,
    keep_tensors: bool = False,
) -> TfliteModel:
    """Load a .tflite file.

    Args:
        source: path or content.
        threads: for the kernels.
        kernels: "xnnpack" or "builtin" (the reference for XNNPACK, and the only choice for int8 in tflite-runtime).
        runtime: "litert", "tflite_runtime" or "tf".
        trial: load it in a child process first, so that a file at which the runtime aborts cannot end this process;
            False only for a file that this process made.
        keep_tensors: keep intermediate tensors for `TfliteModel.tensor`; builtin kernels only.

    Raises:
        TfliteFileError: the file is damaged, or the runtime refuses it.
        RuntimeUnavailableError: the runtime is not installed.
        ConfigError: no such kernels, or a thread count below 1.
    """
    _check(threads, kernels)
    graph = read_graph(source)
    name, content = read_content(source)
    module = load_runtime(runtime)
    if trial:
        try_in_child(name, content)
    started = time.perf_counter_ns()
    interpreter = _interpreter(module, name, content, threads, kernels, keep_tensors)
    load_us = (time.perf_counter_ns() - started) / 1e3
    if len(interpreter.get_input_details()) != 1 or len(interpreter.get_output_details()) != 1:
        raise TfliteFileError(f"{name} must have one input and one output.")
    return TfliteModel(interpreter, graph, runtime, kernels, threads, load_us)


def load_runtime(runtime: str) -> Any:
    """Import a runtime's interpreter module.

    Raises:
        ConfigError: no such runtime.
        RuntimeUnavailableError: it is not installed, or does not load.
    """
    if runtime not in MODULES:
        raise ConfigError(f"No runtime is called {runtime!r}; choose {', '.join(MODULES)}.")
    module, package, command = MODULES[runtime]
    try:
        return importlib.import_module(module)
    except ImportError as error:
        reason = str(error).splitlines()[0] if str(error) else "import failed"
        raise RuntimeUnavailableError(f"{package} cannot be used ({reason}); install it: {command}") from error


def available_runtimes() -> tuple[str, ...]:
    """Names of the runtimes that are installed."""
    return tuple(name for name, (module, _, _) in MODULES.items() if importlib.util.find_spec(module.split(".")[0]))


def runtime_version(runtime: str) -> str:
    """Version of the package behind a runtime, or "unknown"."""
    for package in (MODULES[runtime][1], "tensorflow-cpu"):
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return "unknown"


def _check(threads: int, kernels: str) -> None:
    if kernels not in KERNELS:
        raise ConfigError(f"kernels must be one of {', '.join(KERNELS)}. Received {kernels!r}.")
    if threads < 1:
        raise ConfigError(f"threads must be at least 1. Received {threads}.")


def _interpreter(module: Any, name: str, content: bytes, threads: int, kernels: str, keep_tensors: bool) -> Any:
    settings: dict[str, Any] = {"num_threads": threads, "experimental_preserve_all_tensors": keep_tensors}
    if kernels == "builtin":
        settings["experimental_op_resolver_type"] = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        with quiet():  # the runtime announces its delegate
            interpreter = module.Interpreter(model_content=content, **settings)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError, SystemError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TfliteFileError(
            f"{name} is refused by {module.__name__.split('.')[0]} ({reason}); convert the model again."
        ) from error
    return interpreter


def _quantization(details: dict[str, Any]) -> Quantization:
    scale, zero_point = details["quantization"]
    return Quantization(np.dtype(details["dtype"]), float(scale), int(zero_point))
