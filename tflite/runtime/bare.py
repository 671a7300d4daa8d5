"""Load a .tflite file on a runtime and run it, with nothing but NumPy and the runtime.

Every interpreter of this project is built here, by `build_interpreter`. Pushed to devices as it is
(`tfkws.tflite.targets.device_archive`), so it must run on Python 3.9 and import nothing of tfkws but `errors`,
`native_output` and `runtimes`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.errors import ConfigError, TfkwsError, TfliteFileError
from tfkws.tflite.runtime.native_output import capture_native_output
from tfkws.tflite.runtime.runtimes import RUNTIMES, check_settings, is_on_gpu, load_runtime, runtime_version


@dataclass(frozen=True)
class Quantization:
    """How real numbers are stored: real = scale * (stored - zero_point); a scale of 0 says that they are floats.

    Example:
        >>> tenths = Quantization(np.dtype(np.int8), scale=0.1, zero_point=-3)
        >>> tenths.store(np.array([0.0, 1.0, 99.0])).tolist()
        [-3, 7, 127]
    """

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


class BareModel:
    """A loaded model, of which the first input and the first output count; nothing is known of its operators.

    A streaming model has more: each further input is a state, which the output of the same number renews.
    They are handed on after every run, so that a run is the next step of one stream. Variables that the file
    keeps itself go on from run to run as well. Further inputs that are no states hold noise by a fixed seed.

    Attributes:
        runtime, runtime_version, kernels, threads: what it runs on.
        load_us: what the runtime took to build and allocate it, in µs.
        input_shape: shape of one example, without the batch.
        accelerator: what `facts` of `tfkws.tflite.gpu.interpreter` says; None on a CPU.
    """

    def __init__(self, interpreter: Any, runtime: str, kernels: str, threads: int, load_us: float) -> None:
        self._interpreter = interpreter
        self.runtime, self.kernels, self.threads, self.load_us = runtime, kernels, threads, load_us
        self.runtime_version = runtime_version(runtime)
        self.accelerator: dict[str, Any] | None = interpreter.facts() if is_on_gpu(runtime) else None
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        self._input, self._output = inputs[0], outputs[0]
        linked = _has_outlets(inputs, outputs, 1)
        self._states = inputs[1:] if linked else []
        self._renewed = [int(details["index"]) for details in outputs[1:]]
        self.input_shape: tuple[int, ...] = tuple(int(size) for size in self._input["shape"][1:])
        self.input_quantization = _quantization(self._input)
        self.output_quantization = _quantization(self._output)
        if not linked:
            fill_inputs(interpreter)
        self.reset()

    @property
    def states(self) -> int:
        """Number of values that it keeps from one run to the next, an int."""
        return len(self._states)

    @property
    def full_input_shape(self) -> tuple[int, ...]:
        """Shape of the first input with the batch."""
        return tuple(int(size) for size in self._input["shape"])

    def stored_inputs(self) -> list[tuple[str, np.ndarray]]:
        """Return the name and a copy of what each input holds, in the file's order and types."""
        details = self._interpreter.get_input_details()
        return [(each["name"], np.asarray(self._interpreter.get_tensor(each["index"]))) for each in details]

    def reset(self) -> None:
        """Forget the stream: every state is zero, and so is every variable tensor of the file.

        What a file keeps in resource variables stays; a model that is opened anew begins with their first values.
        """
        self._interpreter.reset_all_variables()
        for details in self._states:
            zero_point = details["quantization"][1]
            self._interpreter.set_tensor(details["index"], np.full(details["shape"], zero_point, details["dtype"]))

    def set_stored_input(self, stored: np.ndarray) -> None:
        """Put one example, of shape (1, ...) and the file's own dtype, where the next run reads it.

        Where the file takes a batch of n at once, the shape is (n, ...).
        """
        self._interpreter.set_tensor(self._input["index"], stored.reshape(self._input["shape"]))

    def invoke(self) -> None:
        """Run once, and hand the states on."""
        self._interpreter.invoke()
        for position, details in enumerate(self._states):
            self._interpreter.set_tensor(details["index"], self._interpreter.get_tensor(self._renewed[position]))

    def answer_batch(self, stored: np.ndarray) -> np.ndarray:
        """Answer one example, or the batch that the file takes at once, of the file's own dtype, by one run.

        Returns:
            The first output as the file stores it.
        """
        self.set_stored_input(stored)
        self.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output["index"]))

    def answer_stored(self, stored: np.ndarray) -> np.ndarray:
        """Answer examples (n, ...) of the file's own dtype, one by one.

        Returns:
            Outputs (n, classes) of the file's own dtype.
        """
        answers = np.empty((len(stored), *self._output["shape"][1:]), self._output["dtype"])
        for index in range(len(stored)):
            self.set_stored_input(stored[index : index + 1])
            self.invoke()
            answers[index] = self._interpreter.get_tensor(self._output["index"])[0]
        return answers


def open_bare(file: str, threads: int, kernels: str, runtime: str, outlets: int = 1) -> BareModel:
    """Load a .tflite file that is known to be sound; see `tfkws.tflite.runtime.model.open_model` for others.

    Args:
        outlets: as in `build_interpreter`.

    Raises:
        TfliteFileError: the runtime refuses it, or it has other inputs or outputs than `outlets` says.
        RuntimeUnavailableError: the runtime is not installed.
        ConfigError: no such runtime or kernels, or a thread count below 1.
    """
    content = Path(file).read_bytes()
    load_runtime(runtime)
    started = time.perf_counter_ns()
    interpreter = build_interpreter(file, content, threads, kernels, runtime, outlets=outlets)
    return BareModel(interpreter, runtime, kernels, threads, (time.perf_counter_ns() - started) / 1e3)


def build_interpreter(
    name: str,
    content: bytes,
    threads: int,
    kernels: str,
    runtime: str,
    keep_tensors: bool = False,
    outlets: int = 1,
    guarded: bool = False,
) -> Any:
    """Build and allocate a runtime's own interpreter.

    Args:
        name: of the file, for messages.
        content: its bytes.
        keep_tensors: keep intermediate tensors; builtin kernels only.
        outlets: how many inputs, and how many outputs, there may be beside a stream's states; 0 for any
            number.
        guarded: whether a crash of the runtime must not end this process.

    Raises:
        TfkwsError: as `open_bare`.
    """
    check_settings(threads, kernels)
    module, row = load_runtime(runtime, guarded), RUNTIMES[runtime]
    settings: dict[str, Any] = {"num_threads": threads, "experimental_preserve_all_tensors": keep_tensors}
    settings.update(row.settings)
    if row.on_gpu and (keep_tensors or kernels == "builtin"):
        raise ConfigError(
            f"{runtime} has kernels of its own and keeps no inner tensors; use --runtime litert for that."
        )
    if kernels == "builtin":
        settings["experimental_op_resolver_type"] = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    try:
        with capture_native_output():  # the runtime announces its delegate
            interpreter = module.Interpreter(model_content=content, **settings)
            interpreter.allocate_tensors()
    except TfkwsError:
        raise
    except (ValueError, RuntimeError, SystemError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TfliteFileError(
            f"{name} is refused by {module.__name__.split('.')[0]} ({reason}); convert the model again."
        ) from error
    sides = (interpreter.get_input_details(), interpreter.get_output_details())
    if outlets and not _has_outlets(*sides, outlets):
        raise TfliteFileError(
            f"{name} must have one input and one output, and every further input a state that an output renews."
        )
    return interpreter


def _has_outlets(inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], outlets: int) -> bool:
    """Whether there are so many inputs and outputs, and beyond them only states, the same going in and coming out."""
    if len(inputs) != len(outputs) or len(inputs) < outlets:
        return False
    return list(map(_form, inputs[outlets:])) == list(map(_form, outputs[outlets:]))


def _form(details: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(details["shape"]), details["dtype"], details["quantization"]


def fill_inputs(interpreter: Any) -> None:
    """Put noise by a fixed seed into every input; see `noise_for`."""
    rng = np.random.default_rng(0)
    for details in interpreter.get_input_details():
        interpreter.set_tensor(details["index"], noise_for(tuple(details["shape"]), details["dtype"], rng))


def noise_for(shape: tuple[int, ...], dtype: Any, rng: np.random.Generator) -> np.ndarray:
    """Return noise of a shape, as a file stores it.

    An input of 8 or 16 bits gets integers of 0 to 127, another integer small ones from 0 on (they may number
    words), text the letter a, any other type Gaussian noise of deviation 1.
    """
    values = np.asarray(rng.normal(size=shape))
    kind = np.dtype(dtype)
    if kind.kind in "SUO":
        return np.full(shape, b"a")
    if kind in (np.int8, np.int16, np.uint8):
        values = np.clip(np.abs(values) * 30, 0, 127)
    elif kind.kind in "iu":
        values = np.abs(values)
    elif kind.kind == "b":
        values = values > 0
    return np.asarray(values.astype(kind))


def _quantization(details: dict[str, Any]) -> Quantization:
    scale, zero_point = details["quantization"]
    return Quantization(np.dtype(details["dtype"]), float(scale), int(zero_point))
