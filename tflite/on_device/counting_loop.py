"""What runs on an emulated core: models between marks, by which instructions are counted, and answers to compare.

The emulator's plugin turns the marks into counts (`targets/emulated/instruction_plugin.c`). Pushed to devices, so it
must run on Python 3.9 with NumPy and a runtime alone.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs, open_bare
from tfkws.tflite.runtime.runtimes import runtime_version

MARK = 0x6B7773  # the system call that `instruction_plugin.c` looks for
EMPTY_BEGIN, EMPTY_END, BEGIN, END, KINDS = 0, 1, 2, 3, 4
WARMUP_RUNS = 2


def count_instructions_of(request: dict[str, Any]) -> dict[str, Any]:
    """Run each model between marks, on noise by a fixed seed.

    The marks of model `i` are `4 * i` plus their kind: an empty pair, then a pair around each counted run.

    Args:
        request: models (paths), runtime, kernels, repeats. One thread, because counters are not shared
            between threads.

    Returns:
        runtime_version. The counts come from the emulator.
    """
    mark = ctypes.CDLL(None).syscall
    kernels, runtime = (request[name] for name in ("kernels", "runtime"))
    for index, file in enumerate(request["models"]):
        interpreter = build_interpreter(file, Path(file).read_bytes(), 1, kernels, runtime, outlets=0)
        fill_inputs(interpreter)
        _run_between_marks(interpreter.invoke, mark, KINDS * index, request["repeats"])
    return {"runtime_version": runtime_version(runtime)}


def answer_examples(request: dict[str, Any]) -> dict[str, Any]:
    """Run a model on examples, so that two machines can be compared to the last bit.

    Args:
        request: model, examples (paths; float32 .npy of (n, ...)), runtime, kernels, threads.

    Returns:
        outputs (hexadecimal bytes in C order), dtype, shape, runtime_version.
    """
    examples = np.load(request["examples"], allow_pickle=False)
    model = open_bare(request["model"], request["threads"], request["kernels"], request["runtime"])
    outputs = model.answer_stored(model.input_quantization.store(examples))
    return {
        "outputs": outputs.tobytes().hex(),
        "dtype": outputs.dtype.str,
        "shape": list(outputs.shape),
        "runtime_version": model.runtime_version,
    }


def _run_between_marks(run: Callable[[], None], mark: Any, first: int, repeats: int) -> None:
    for _ in range(WARMUP_RUNS):
        run()
    gc.disable()
    mark(MARK, first + EMPTY_BEGIN)
    mark(MARK, first + EMPTY_END)
    for _ in range(repeats):
        mark(MARK, first + BEGIN)
        run()
        mark(MARK, first + END)
    gc.enable()
