"""LiteRT's C interface through ctypes: run a compiled model and read its profiler. No compiler and no TensorFlow.

Struct layouts and calls are those of `litert/c/*.h` in ai-edge-litert 2.1 to 2.3. Use it in a child process only: wrong
use of a C interface ends the process. Its objects are never destroyed; they end with the process.
"""

import ctypes
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.errors import BenchmarkError, RuntimeUnavailableError

CPU, GPU = 1, 2
READ, WRITE = 0, 1
MAX_RANK = 8
DTYPES = {1: np.float32, 2: np.int32, 3: np.uint8, 4: np.int64, 6: np.bool_, 7: np.int16, 9: np.int8}
Handle = ctypes.c_void_p


class _Layout(ctypes.Structure):
    _fields_ = [
        ("rank_and_flags", ctypes.c_uint),
        ("dimensions", ctypes.c_int32 * MAX_RANK),
        ("strides", ctypes.c_uint32 * MAX_RANK),
    ]


class _TensorType(ctypes.Structure):
    _fields_ = [("element_type", ctypes.c_int), ("layout", _Layout)]


class _MemoryUsage(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in ("resident", "allocated", "in_use")]


class _Event(ctypes.Structure):
    _fields_ = [
        ("tag", ctypes.c_char_p),
        ("event_type", ctypes.c_int),
        ("start_us", ctypes.c_uint64),
        ("elapsed_us", ctypes.c_uint64),
        ("begin_memory", _MemoryUsage),
        ("end_memory", _MemoryUsage),
        ("node", ctypes.c_uint64),
        ("subgraph", ctypes.c_uint64),
        ("source", ctypes.c_int),
    ]


@dataclass(frozen=True)
class ProfilerEvent:
    """One event as the profiler recorded it.

    Attributes:
        tag: name of the kernel or of the phase.
        event_type: number (int) of the profiler's kind of event.
        node: index of the operator.
        elapsed_us: in µs.
        subgraph: index of the subgraph that the operator stands in; 0 is the main one.
    """

    tag: str
    event_type: int
    node: int
    elapsed_us: int
    subgraph: int


@dataclass(frozen=True)
class _Buffer:
    name: str
    handle: Any
    shape: tuple[int, ...]
    dtype: Any


class CompiledModel:
    """A model compiled for the CPU or a GPU, with a profiler that is stopped at first.

    Args:
        path: of the .tflite file.
        kernels: "xnnpack" or "builtin", of the CPU.
        accelerator: CPU or GPU.

    Raises:
        RuntimeUnavailableError: ai-edge-litert is not installed or lacks these calls.
        BenchmarkError: LiteRT refuses the model.
    """

    def __init__(self, path: Path, threads: int, kernels: str, accelerator: int = CPU) -> None:
        self._library = _load()
        self._kept: list[Any] = []
        self._environment, self._model, self._options = Handle(), Handle(), Handle()
        self._call("LiteRtCreateEnvironment", 0, None, ctypes.byref(self._environment))
        self._call(
            "LiteRtCreateModelFromFile", self._environment, str(path).encode(), ctypes.byref(self._model)
        )  # fmt: skip
        self._call("LiteRtCreateOptions", ctypes.byref(self._options))
        self._call("LiteRtSetOptionsHardwareAccelerators", self._options, ctypes.c_int(accelerator))
        self._add_options("runtime_options_string", "enable_profiling = true\n")
        mode = 'kernel_mode = "builtin"\n' if kernels == "builtin" else ""
        self._add_options("xnnpack", f"num_threads = {threads}\n{mode}")
        self._compiled, self._profiler = Handle(), Handle()
        self._call(
            "LiteRtCreateCompiledModel", self._environment, self._model, self._options, ctypes.byref(self._compiled)
        )  # fmt: skip
        self._signature = Handle()  # the first, which is of the main subgraph
        self._call("LiteRtGetModelSignature", self._model, ctypes.c_size_t(0), ctypes.byref(self._signature))
        self._inputs, self._outputs = self._buffers("Input"), self._buffers("Output")
        self._input_array = (Handle * len(self._inputs))(*[buffer.handle for buffer in self._inputs])
        self._output_array = (Handle * len(self._outputs))(*[buffer.handle for buffer in self._outputs])
        self._call("LiteRtCompiledModelGetProfiler", self._compiled, ctypes.byref(self._profiler))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of the first input, with the batch."""
        return self._inputs[0].shape

    def position_of(self, name: str, otherwise: int) -> int:
        """Return the position of the input with a tensor's name; a signature may order inputs in its own way."""
        names = [buffer.name for buffer in self._inputs]
        return names.index(name) if names.count(name) == 1 else otherwise

    def set_input(self, values: np.ndarray, position: int = 0) -> None:
        """Copy stored values, with the batch, into an input.

        Raises:
            BenchmarkError: shape or type are not the input's.
        """
        buffer, values = self._inputs[position], np.require(values, requirements="C")
        if values.shape != buffer.shape or values.dtype != buffer.dtype:
            raise BenchmarkError(f"The input is {buffer.dtype} {buffer.shape}. Received {values.dtype} {values.shape}.")
        address = Handle()
        self._call("LiteRtLockTensorBuffer", buffer.handle, ctypes.byref(address), ctypes.c_int(WRITE))
        ctypes.memmove(address, values.ctypes.data, values.nbytes)
        self._call("LiteRtUnlockTensorBuffer", buffer.handle)

    def run(self) -> None:
        """Run one inference on the input that was set.

        Raises:
            BenchmarkError: LiteRT reports a failure.
        """
        sizes = [ctypes.c_size_t(len(self._inputs)), ctypes.c_size_t(len(self._outputs))]
        signature = ctypes.c_size_t(0)
        self._call(
            "LiteRtRunCompiledModel", self._compiled, signature, sizes[0], self._input_array, sizes[1],
            self._output_array,
        )  # fmt: skip

    def start_profiler(self) -> None:
        """Forget earlier events and record from now on.

        Raises:
            BenchmarkError: LiteRT reports a failure.
        """
        self._call("LiteRtStartProfiler", self._profiler)

    def stop_profiler(self) -> None:
        """Record no more events.

        Raises:
            BenchmarkError: LiteRT reports a failure.
        """
        self._call("LiteRtStopProfiler", self._profiler)

    def events(self) -> list[ProfilerEvent]:
        """Return the events since the profiler was started last, in order, with times in µs."""
        count = ctypes.c_int()
        self._call("LiteRtGetNumProfilerEvents", self._profiler, ctypes.byref(count))
        events = (_Event * count.value)()
        self._call("LiteRtGetProfilerEvents", self._profiler, count, events)
        return [ProfilerEvent(e.tag.decode(), e.event_type, e.node, e.elapsed_us, e.subgraph) for e in events]

    def summary(self) -> str:
        """Return the table that TFLite's benchmark_model prints with --enable_op_profiling.

        Raises:
            BenchmarkError: LiteRT reports a failure.
        """
        text = ctypes.c_char_p()
        self._call("LiteRtGetProfileSummary", self._profiler, self._compiled, ctypes.byref(text))
        return (text.value or b"").decode()

    def _add_options(self, identifier: str, toml: str) -> None:
        payload, name = ctypes.create_string_buffer(toml.encode()), identifier.encode()
        self._kept += [payload, name]
        options = Handle()
        address = ctypes.cast(payload, Handle)
        self._call("LiteRtCreateOpaqueOptions", name, address, _KEEP_PAYLOAD, ctypes.byref(options))
        self._call("LiteRtAddOpaqueOptions", self._options, options)

    def _buffers(self, side: str) -> list[_Buffer]:
        count = ctypes.c_size_t()
        self._call(f"LiteRtGetNumSignature{side}s", self._signature, ctypes.byref(count))
        return [self._buffer(side, index) for index in range(count.value)]

    def _buffer(self, side: str, index: int) -> _Buffer:
        tensor, kind, needs, buffer = Handle(), _TensorType(), Handle(), Handle()
        position, signature = ctypes.c_size_t(index), ctypes.c_size_t(0)
        self._call(f"LiteRtGetSignature{side}TensorByIndex", self._signature, position, ctypes.byref(tensor))
        self._call("LiteRtGetRankedTensorType", tensor, ctypes.byref(kind))
        rank = kind.layout.rank_and_flags & 0x7F
        if kind.element_type not in DTYPES or rank > MAX_RANK:
            raise BenchmarkError(f"{side} {index} has a type that the profiler does not know ({kind.element_type}).")
        self._call(
            f"LiteRtGetCompiledModel{side}BufferRequirements", self._compiled, signature, position, ctypes.byref(needs)
        )  # fmt: skip
        self._call(
            "LiteRtCreateManagedTensorBufferFromRequirements", self._environment, ctypes.byref(kind), needs,
            ctypes.byref(buffer),
        )  # fmt: skip
        name = ctypes.c_char_p()
        self._call("LiteRtGetTensorName", tensor, ctypes.byref(name))
        tensor_name = (name.value or b"").decode(errors="replace")
        return _Buffer(tensor_name, buffer, tuple(kind.layout.dimensions[:rank]), DTYPES[kind.element_type])

    def _call(self, name: str, *arguments: Any) -> None:
        try:
            status = getattr(self._library, name)(*arguments)
        except AttributeError:
            raise RuntimeUnavailableError(
                f"The installed ai-edge-litert has no {name}; install 2.1 or later: pip install -U ai-edge-litert"
            ) from None
        if status != 0:
            raise BenchmarkError(f"LiteRT's {name} failed with status {status}.")


_KEEP_PAYLOAD = ctypes.CFUNCTYPE(None, Handle)(lambda payload: None)


def _load() -> ctypes.CDLL:
    spec = importlib.util.find_spec("ai_edge_litert")
    library = Path(spec.origin).parent / "libLiteRt.so" if spec and spec.origin else None
    if library is None or not library.exists():
        raise RuntimeUnavailableError("libLiteRt.so is not installed: pip install -U ai-edge-litert")
    return ctypes.CDLL(str(library))
