"""A file on a GPU in a child process: a driver that crashes, aborts, hangs or loses its device becomes one sentence.

`Interpreter` has the face of a TFLite interpreter. The process is `tfkws.tflite.gpu.child`, which says how they talk.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

import numpy as np

from tfkws import errors
from tfkws.errors import BenchmarkError, ConfigError, TfkwsError
from tfkws.tflite.file.tflite_file import TfliteFile
from tfkws.tflite.gpu.child import LENGTH, size_of
from tfkws.tflite.gpu.known_shapes import with_known_shapes
from tfkws.tflite.gpu.native_log import MEND, ended_sentence

LOAD_SECONDS, RUN_SECONDS = 180.0, 60.0
CHILD = (sys.executable, "-m", "tfkws.tflite.gpu.child")


class Interpreter:
    """See `tfkws.tflite.gpu.interpreter.Interpreter`, whose arguments these are.

    Args:
        child: words that start the process, before the precision.
        load_seconds, run_seconds: how long loading and a run may take, in s.

    Raises:
        RuntimeUnavailableError, TfliteFileError: as there.
        BenchmarkError: the process crashed or did not answer in time.
    """

    def __init__(
        self,
        model_content: bytes,
        precision: str = "float32",
        num_threads: int = 1,
        experimental_preserve_all_tensors: bool = False,
        child: Sequence[str] = CHILD,
        load_seconds: float = LOAD_SECONDS,
        run_seconds: float = RUN_SECONDS,
    ) -> None:
        if experimental_preserve_all_tensors:
            raise ConfigError("A GPU keeps no inner tensors; use --runtime litert for those.")
        content = with_known_shapes(TfliteFile(model_content)).content
        self._talk = _Talk([*child, precision])
        self._seconds = run_seconds
        head = self._talk.head(content, load_seconds)
        if "error" in head:
            self._talk.close()
            raise _error_of(head)
        self._facts: dict[str, Any] = head["facts"]
        self._inputs, self._outputs = (_details(head[side]) for side in ("inputs", "outputs"))
        self._values = {each["index"]: np.zeros(each["shape"], each["dtype"]) for each in self._inputs}
        self._answers: dict[int, np.ndarray] = {}

    def facts(self) -> dict[str, Any]:
        """Return what computes and how, as there."""
        return self._facts

    def allocate_tensors(self) -> None:
        """Do nothing: the file was compiled."""

    def get_input_details(self) -> list[dict[str, Any]]:
        """Return index, name, shape, dtype and quantization of each input."""
        return self._inputs

    def get_output_details(self) -> list[dict[str, Any]]:
        """Return the same of each output."""
        return self._outputs

    def set_tensor(self, index: int, values: np.ndarray) -> None:
        """Keep an input for the next run."""
        kept = self._values[int(index)]
        if values.shape != kept.shape or values.dtype != kept.dtype:
            raise ValueError(f"Input {index} takes {kept.dtype} {kept.shape}. Received {values.dtype} {values.shape}.")
        kept[...] = values

    def invoke(self) -> None:
        """Send all inputs, run once, and fetch all outputs."""
        sent = b"".join(self._values[each["index"]].tobytes() for each in self._inputs)
        got = memoryview(self._talk.ask(sent, sum(map(size_of, self._outputs)), self._seconds))
        for each in self._outputs:
            mine, got = got[: size_of(each)], got[size_of(each) :]
            self._answers[each["index"]] = np.frombuffer(mine, each["dtype"]).reshape(each["shape"])

    def reset_all_variables(self) -> None:
        """Do nothing: the accelerator takes no file that keeps variables."""

    def get_tensor(self, index: int) -> np.ndarray:
        """Return an output of the last run, or an input."""
        return (self._answers if int(index) in self._answers else self._values)[int(index)].copy()


class _Talk:
    """The child process and its pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  as long as the process
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, bufsize=0
        )
        self._end = weakref.finalize(self, _end, self._process, self._log)

    def close(self) -> None:
        """End the process."""
        self._end()

    def head(self, content: bytes, seconds: float) -> dict[str, Any]:
        """Send the file; what the child says of it."""
        (length,) = LENGTH.unpack(self.ask(LENGTH.pack(len(content)) + content, LENGTH.size, seconds))
        return dict(json.loads(self._read(length, seconds)))

    def ask(self, sent: bytes, size: int, seconds: float) -> bytes:
        """Send bytes, and wait for so many."""
        assert self._process.stdin is not None  # noqa: S101  for the type
        if not self._end.alive:
            raise BenchmarkError("The GPU's process has ended; run the same command again.")
        try:
            while sent:
                sent = sent[self._process.stdin.write(sent) :]
        except (OSError, ValueError):
            raise self._died() from None
        return self._read(size, seconds)

    def _read(self, size: int, seconds: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  for the type
        source, got, until = self._process.stdout.fileno(), b"", time.monotonic() + seconds
        while len(got) < size:
            ready, _, _ = select.select([source], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                self._process.kill()
                self._end()
                raise BenchmarkError(
                    f"The GPU did not answer within {seconds:.0f} s, so its process was ended; {MEND}."
                )
            data = os.read(source, size - len(got))
            if not data:
                raise self._died()
            got += data
        return got

    def _died(self) -> TfkwsError:
        """What the end of the process means."""
        code = self._process.wait()
        self._log.seek(0)
        log = self._log.read().decode(errors="replace")
        self._end()
        return BenchmarkError(ended_sentence(code, log))


def _end(process: "subprocess.Popen[bytes]", log: IO[bytes]) -> None:
    """End the process, and close what leads to it."""
    for pipe in (process.stdin, process.stdout, log):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _error_of(head: dict[str, Any]) -> TfkwsError:
    kind = getattr(errors, str(head["error"]), BenchmarkError)
    return kind(str(head["message"])) if issubclass(kind, TfkwsError) else BenchmarkError(str(head["message"]))


def _details(plain: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **each,
            "shape": tuple(each["shape"]),
            "dtype": np.dtype(each["dtype"]),
            "quantization": tuple(each["quantization"]),
        }
        for each in plain
    ]
