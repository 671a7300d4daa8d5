"""Programs of kernels, and a team of threads that runs them."""

import ctypes
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tfkws.processor import cores_allowed
from tfkws.training.native.compiler import KERNELS
from tfkws.training.native.maps import CACHE_LINE
from tfkws.training.native.waiting import COUNTER, LENGTH, LIST, follow, lead, system_function


@dataclass(frozen=True)
class Call:
    """One call of a kernel.

    Attributes:
        kernel: its name.
        arguments: int64, whole numbers and addresses.
        keeps: arrays at those addresses, which must stay.
    """

    kernel: str
    arguments: np.ndarray
    keeps: tuple[Any, ...] = ()


def call(kernel: str, *arguments: Any) -> Call:
    """Make a call of whole numbers and arrays; an array's address is passed on."""
    arrays = tuple(value for value in arguments if isinstance(value, np.ndarray))
    numbers = [value.ctypes.data if isinstance(value, np.ndarray) else int(value) for value in arguments]
    return Call(kernel, np.array(numbers, np.int64), arrays)


class Program:
    """A list of calls that a team runs again and again."""

    def __init__(self, calls: Sequence[Call]) -> None:
        KERNELS.compile()
        self._calls = tuple(calls)
        pairs = [[KERNELS.address(one.kernel), one.arguments.ctypes.data] for one in calls]
        self._list = np.array(pairs, np.int64).reshape(-1, 2)
        self.arguments = np.array([self._list.ctypes.data, len(calls)], np.int64)

    def kernels(self) -> list[str]:
        """Return the names of the kernels in their order."""
        return [one.kernel for one in self._calls]


class Team:
    """Threads that run programs together with the calling one.

    Args:
        threads: of the team, at least 1.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._lock = threading.Lock()
        self._shared = np.zeros(8 * CACHE_LINE, np.int64)
        self._shared[COUNTER] = self._shared[CACHE_LINE:].ctypes.data  # not the program's: threads look once more later
        self._arguments = np.array([self._shared.ctypes.data], np.int64)
        for number in range(1, threads):
            threading.Thread(target=self._native("follow"), args=(number,), daemon=True).start()
        self._lead = self._native("lead")

    def run(self, program: Program) -> None:
        """Run a program to its end."""
        if not program.kernels():
            return
        with self._lock:
            self._shared[LIST : LENGTH + 1] = program.arguments
            self._lead(0)

    def _native(self, name: str) -> Callable[[int], None]:
        KERNELS.add("lead", lead)
        KERNELS.add("follow", follow)
        KERNELS.compile()
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
        function, address = kind(KERNELS.address(name)), self._arguments.ctypes.data
        return lambda number: function(address, number, self.threads)


@cache
def team(threads: int) -> Team:
    """Return the team of this process of that many threads."""
    return Team(threads)


def processors() -> int:
    """Return how many threads a step may use: the processors of this process, or what TensorFlow is held to."""
    available = cores_allowed()
    if not system_function("usleep"):
        return 1  # threads that wait could not sleep
    asked = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    return min(available, int(asked)) if asked.isdigit() and int(asked) > 0 else available
