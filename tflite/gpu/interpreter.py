"""LiteRT's compiled model on a GPU, with the face of a TFLite interpreter, so that all that runs models can run it.

It runs in the calling process, and native code on a driver may end that: use it in child processes, as those of
`tfkws.tflite.on_device.main`; `tfkws.tflite.gpu.guarded` is for all others. Pushed to devices
(`tfkws.tflite.targets.device_archive`), so it must run on Python 3.9 with NumPy and ai-edge-litert alone.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.errors import BenchmarkError, ConfigError, RuntimeUnavailableError, TfliteFileError
from tfkws.tflite.gpu.native_log import NO_DRIVERS, NO_LOADER, Adapter, Split, adapter_in, reason_in, split_in
from tfkws.tflite.gpu.vulkan import list_adapters
from tfkws.tflite.runtime.native_output import capture_native_output

PRECISIONS = ("float32", "half")
LIBRARY = "libLiteRtWebGpuAccelerator.so"
INSTALL = "pip install 'ai-edge-litert>=2.3' on Linux (x86-64 or aarch64) with Python 3.11 or later"
Details = list[dict[str, Any]]


class Interpreter:
    """One .tflite file on the first adapter that WebGPU takes.

    Operators that the accelerator refuses run on the CPU; `split` says which.

    Args:
        model_content: bytes of the file.
        precision: "float32", which is enforced, or "half", the accelerator's default: it computes in float16
            where the adapter can, and in float32 where it cannot.
        experimental_preserve_all_tensors: False; a GPU keeps no inner tensors.
        waits: whether `invoke` returns when the GPU has finished; otherwise reading an output waits.
        num_threads: of what the CPU runs.

    Attributes:
        adapter: what computes.
        split: what runs where.
        fully_accelerated: whether all operators run on the GPU.

    Raises:
        RuntimeUnavailableError: there is no accelerator, no driver or no adapter; the message says the mend.
        TfliteFileError: the accelerator refuses the file.
    """

    def __init__(
        self,
        model_content: bytes,
        precision: str = "float32",
        num_threads: int = 1,
        waits: bool = False,
        experimental_preserve_all_tensors: bool = False,
    ) -> None:
        if precision not in PRECISIONS:
            raise ConfigError(f"precision must be one of {', '.join(PRECISIONS)}. Received {precision!r}.")
        self.precision = precision
        self._inputs, self._outputs = _details(model_content)
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
        self._model, log = _compile(model_content, precision, waits, num_threads)
        self.adapter: Adapter = _adapter(log)
        self.split: Split = split_in(log)
        self.fully_accelerated = bool(self._model.is_fully_accelerated())
        self._to_gpu, self._from_gpu = self._model.create_input_buffers(0), self._model.create_output_buffers(0)
        self._sent = {int(each["index"]): np.zeros(each["shape"], each["dtype"]) for each in self._inputs}
        self._slots = {int(each["index"]): slot for slot, each in enumerate(self._inputs)}
        self._renewed = {int(each["index"]): slot for slot, each in enumerate(self._outputs)}

    def facts(self) -> dict[str, Any]:
        """Return what computes and how, JSON-ready: adapter, precision, fully_accelerated, operators."""
        split = self.split
        operators = {"gpu": split.on_gpu, "cpu": split.on_cpu, "refused": split.refused}
        return {
            "adapter": self.adapter.to_dict(),
            "precision": self.precision,
            "fully_accelerated": self.fully_accelerated,
            "operators": operators,
        }

    def allocate_tensors(self) -> None:
        """Do nothing: the file was compiled."""

    def get_input_details(self) -> Details:
        """Return index, name, shape, dtype and quantization of each input, as a TFLite interpreter does."""
        return self._inputs

    def get_output_details(self) -> Details:
        """Return the same of each output."""
        return self._outputs

    def set_tensor(self, index: int, values: np.ndarray) -> None:
        """Send an input to the GPU."""
        details = self._inputs[self._slots[int(index)]]
        if tuple(values.shape) != tuple(details["shape"]) or values.dtype != details["dtype"]:
            raise ValueError(f"Input {index} takes {details['dtype']} {tuple(details['shape'])}.")
        self._sent[int(index)] = np.array(values)
        self._native("take an input", self._to_gpu[self._slots[int(index)]].write, values)

    def invoke(self) -> None:
        """Run once."""
        self._native("run", self._model.run_by_index, 0, self._to_gpu, self._from_gpu)

    def reset_all_variables(self) -> None:
        """Do nothing: the accelerator takes no file that keeps variables."""

    def get_tensor(self, index: int) -> np.ndarray:
        """Fetch an output from the GPU, waiting until it is there; or an input as it was sent."""
        if int(index) in self._sent:
            return self._sent[int(index)].copy()
        slot = self._renewed[int(index)]
        shape, dtype = self._outputs[slot]["shape"], self._outputs[slot]["dtype"]
        read = self._native("give an output", self._from_gpu[slot].read, int(np.prod(shape)), dtype)
        return np.asarray(read).reshape(shape)

    def _native(self, doing: str, call: Any, *arguments: Any) -> Any:
        try:
            return call(*arguments)
        except RuntimeError as error:
            raise BenchmarkError(
                f"{self.adapter.name} failed to {doing} ({_last_line(error)}): the device may be lost; run the same "
                "command again, and look into the kernel's log if it fails again."
            ) from error


def accelerator_library() -> Path:
    """Return the path of the accelerator in the installed ai-edge-litert.

    Raises:
        RuntimeUnavailableError: it has none, or is not installed.
    """
    try:
        import ai_edge_litert
    except ImportError as error:
        raise RuntimeUnavailableError(f"ai-edge-litert is not installed; {INSTALL}.") from error
    library = Path(str(ai_edge_litert.__file__)).parent / LIBRARY
    if not library.is_file():
        raise RuntimeUnavailableError(
            f"This ai-edge-litert has no GPU accelerator ({LIBRARY}); install one that has: {INSTALL}."
        )
    return library


def require_gpu() -> None:
    """Check that there are an accelerator and an adapter, without loading a file.

    Raises:
        RuntimeUnavailableError: there is none; the message says the mend.
    """
    accelerator_library()
    try:
        found = list_adapters()
    except OSError:
        raise RuntimeUnavailableError(f"No GPU can be used: {reason_in(NO_LOADER)}.") from None
    if not found:
        raise RuntimeUnavailableError(f"No GPU can be used: {reason_in(NO_DRIVERS)}.")


def _compile(content: bytes, precision: str, waits: bool, threads: int) -> tuple[Any, str]:
    """Compile for the GPU; the model, and what was written meanwhile."""
    accelerator_library()
    from ai_edge_litert.compiled_model import CompiledModel, HardwareAccelerator
    from ai_edge_litert.options import CpuOptions, GpuOptions, Options

    options = Options(
        hardware_accelerators=HardwareAccelerator.GPU | HardwareAccelerator.CPU,
        cpu_options=CpuOptions(num_threads=threads),
        gpu_options=GpuOptions(enforce_f32=precision == "float32", benchmark_mode=waits),
    )
    with capture_native_output() as written:
        try:
            model, failure = CompiledModel.from_buffer(content, options=options), None
        except RuntimeError as error:
            model, failure = None, error
        written.seek(0)
        log = written.read().decode(errors="replace")
    if failure is not None:
        _adapter(log)
        why = reason_in(log) or _last_line(failure)
        raise TfliteFileError(f"LiteRT's GPU accelerator refuses the file ({why}); use --runtime litert.") from failure
    return model, log


def _adapter(log: str) -> Adapter:
    adapter = adapter_in(log)
    if adapter is None:
        why = reason_in(log) or "LiteRT does not say why; `tfkws doctor` lists adapters"
        raise RuntimeUnavailableError(f"No GPU can be used: {why}.")
    return adapter


def _details(content: bytes) -> tuple[Details, Details]:
    """What the file's inputs and outputs are; the compiled model does not tell of quantization."""
    from ai_edge_litert.interpreter import Interpreter as OnCpu

    with capture_native_output():
        plain = OnCpu(model_content=content)
    return plain.get_input_details(), plain.get_output_details()


def _last_line(error: Exception) -> str:
    lines = [line.strip("└ ") for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
