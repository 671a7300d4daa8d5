"""A team of threads that runs a list of kernels, all threads beginning each one together."""

import ctypes
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from queue import SimpleQueue
from typing import Any

import numpy as np
from llvmlite import ir

from tfkws.training.native.compiler import KERNELS, lanes
from tfkws.training.native.llvm_code import INT, KERNEL, Code
from tfkws.training.native.maps import CACHE_LINE

SPINS = 2_000  # looks at the counter before a waiting thread gives way to others


def run_list(module: Any, name: str) -> None:
    """Write the kernel that runs a list of kernels, all threads beginning each one together.

    Arguments: list (pairs: kernel, its arguments), its length, a counter that all threads share.
    """
    code = Code(module, name, lanes())
    steps, count, counter = code.arguments(3)
    with code.loop(0, count) as number:
        function = code.builder.inttoptr(code.load_whole(steps, number * 2).raw, KERNEL.as_pointer())
        given = code.builder.inttoptr(code.load_whole(steps, number * 2 + 1).raw, INT.as_pointer())
        code.builder.call(function, [given, code.thread.raw, code.threads.raw])
        _wait_for_all(code, counter)
    code.finish()


def _wait_for_all(code: Code, counter: Any) -> None:
    """Count this thread in, and wait until as many have come as there are threads; give way after a while."""
    builder, function = code.builder, code.function
    place = builder.inttoptr(counter.raw, INT.as_pointer())
    one = ir.Constant(INT, 1)
    before = builder.atomic_rmw("add", place, one, "acq_rel")
    generation = builder.add(builder.sdiv(before, code.threads.raw), one)
    goal = builder.mul(generation, code.threads.raw)
    start, check = builder.block, function.append_basic_block()
    again, after = function.append_basic_block(), function.append_basic_block()
    builder.branch(check)
    builder.position_at_end(check)
    spins = builder.phi(INT)
    spins.add_incoming(ir.Constant(INT, 0), start)
    seen = builder.load_atomic(place, "acquire", 8)
    builder.cbranch(builder.icmp_signed("<", seen, goal), again, after)
    builder.position_at_end(again)
    more = builder.add(spins, one)
    yield_address = _yield_address()
    if yield_address:
        with builder.if_then(builder.icmp_signed(">", more, ir.Constant(INT, SPINS))):
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(builder.inttoptr(ir.Constant(INT, yield_address), kind.as_pointer()), [])
    spins.add_incoming(more, builder.block)
    builder.branch(check)
    builder.position_at_end(after)


def _yield_address() -> int:
    """Where the system's `sched_yield` lies; 0 where it has none."""
    try:
        return ctypes.cast(ctypes.CDLL(None).sched_yield, ctypes.c_void_p).value or 0
    except (AttributeError, OSError, TypeError):
        return 0


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
        KERNELS.add("run_list", run_list)
        KERNELS.compile()
        self._calls = tuple(calls)
        pairs = [[KERNELS.address(one.kernel), one.arguments.ctypes.data] for one in calls]
        self._list = np.array(pairs, np.int64).reshape(-1, 2)
        self._counter = np.zeros(CACHE_LINE // 8, np.int64)
        self.arguments = np.array([self._list.ctypes.data, len(calls), self._counter.ctypes.data], np.int64)

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
        self._work: list[SimpleQueue[Any]] = [SimpleQueue() for _ in range(threads - 1)]
        self._done: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.Lock()
        for number, queue in enumerate(self._work, start=1):
            threading.Thread(target=self._serve, args=(number, queue), daemon=True).start()

    def run(self, program: Program) -> None:
        """Run a program to its end."""
        with self._lock:
            for queue in self._work:
                queue.put(program)
            self._run_share(program, 0)
            for _ in self._work:
                self._done.get()

    def _serve(self, number: int, queue: "SimpleQueue[Any]") -> None:
        while True:
            self._run_share(queue.get(), number)
            self._done.put(None)

    def _run_share(self, program: Program, number: int) -> None:
        _native("run_list")(program.arguments.ctypes.data, number, self.threads)


@cache
def team(threads: int) -> Team:
    """Return the team of this process of that many threads."""
    return Team(threads)


@cache
def _native(name: str) -> Any:
    kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
    return kind(KERNELS.address(name))


def processors() -> int:
    """Return how many threads a step may use: the processors of this process, or what TensorFlow is held to."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    return min(available, int(asked)) if asked.isdigit() and int(asked) > 0 else available
