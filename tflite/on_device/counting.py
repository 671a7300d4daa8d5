"""Run models between marks that an emulator's plugin turns into instruction counts (`targets/emulated/qemu.py`)."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfkws.tflite.runtime.bare import build_interpreter, fill_inputs, runtime_version

MARK = 0x6B7773  # the system call that `instruction_plugin.c` looks for
EMPTY_BEGIN, EMPTY_END, BEGIN, END, KINDS = 0, 1, 2, 3, 4
WARMUP_RUNS = 2


def count(request: dict[str, Any]) -> dict[str, Any]:
    """Run each model between marks, on noise by a fixed seed.

    The marks of model `i` are `4 * i` plus their kind: an empty pair, then a pair around each counted run.

    Args:
        request: models (paths), runtime, kernels, repeats. One thread, because counters are not shared between threads.

    Returns:
        runtime_version. The counts come from the emulator.
    """
    mark = ctypes.CDLL(None).syscall
    for index, file in enumerate(request["models"]):
        interpreter = build_interpreter(
            file, Path(file).read_bytes(), 1, request["kernels"], request["runtime"], outlets=0
        )  # fmt: skip
        fill_inputs(interpreter)
        _run_between_marks(interpreter.invoke, mark, KINDS * index, request["repeats"])
    return {"runtime_version": runtime_version(request["runtime"])}


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
