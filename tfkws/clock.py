"""How calls are timed here: in turns, each run by itself, or the shortest of many.

Pushed to devices too (`tfkws.tflite.targets.device_archive`), so it must run on Python 3.9.
"""

from __future__ import annotations

import gc
import math
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

WARMUP_TURNS = 10


def time_in_turns(
    calls: Sequence[Callable[[], Any]],
    runs: int,
    *,
    warmup: int = WARMUP_TURNS,
    seconds: float = math.inf,
    fewest: int = 1,
    prepare: Callable[[int], Any] = lambda turn: None,
) -> list[list[int]]:
    """Time calls in turns (A B C A B C ...), so that a busy moment of the machine affects all alike.

    Args:
        calls: what is timed, one run each a turn; Python's garbage collector rests meanwhile.
        runs: turns that are kept.
        warmup: turns before them that are not kept.
        seconds: limit in s on the warm-up, and again on the turns that are kept.
        fewest: turns that are kept however long they take, at most `runs`.
        prepare: called with 0, 1, 2, ... before each turn, outside of what is timed.

    Returns:
        For each call its samples in order, in ns.

    Example:
        >>> samples = time_in_turns([lambda: sum(range(10)), lambda: sum(range(20))], runs=5, warmup=1)
        >>> [len(each) for each in samples]
        [5, 5]
    """
    samples: list[list[int]] = [[] for _ in calls]
    clock = time.perf_counter_ns
    with _garbage_collector_off():
        for kept, turns, needed in ((False, warmup, 0), (True, runs, min(fewest, runs))):
            end = time.perf_counter() + seconds
            for turn in range(turns):
                if turn >= needed and time.perf_counter() >= end:
                    break
                prepare(turn)
                for position, call in enumerate(calls):
                    started = clock()
                    call()
                    elapsed = clock() - started
                    if kept:
                        samples[position].append(elapsed)
    return samples


def time_in_blocks(calls: Sequence[Callable[[], Any]], runs: int, block: int) -> list[list[int]]:
    """Time calls in turns of several runs in a row, behind one that is not kept, so that each finds its caches warm.

    Args:
        runs: of each call that are kept, rounded up to whole blocks.
        block: runs in a row; fewer where `runs` are fewer.

    Returns:
        For each call its samples in order, in ns.

    Example:
        >>> [len(each) for each in time_in_blocks([lambda: sum(range(10)), lambda: None], runs=6, block=3)]
        [6, 6]
    """
    samples: list[list[int]] = [[] for _ in calls]
    for _ in range(-(-runs // block)):
        for position, call in enumerate(calls):
            call()
            samples[position] += time_runs(call, min(block, runs))
    return samples


def time_runs(call: Callable[[], Any], runs: int) -> list[int]:
    """Time `runs` runs of one call, without a warm-up; in ns, in order."""
    return time_in_turns([call], runs, warmup=0)[0]


def best_seconds(call: Callable[[], Any], seconds: float, *, warmup: int = 3) -> float:
    """Return the shortest of the runs of `call` that fit into `seconds`, but of at least three; in s.

    The shortest, because this measures a limit of the machine: whatever else ran can only have added to the
    others.

    Args:
        warmup: runs before them, which may compile or fill a cache.

    Example:
        >>> 0 < best_seconds(lambda: sum(range(1_000)), seconds=0.001) < 0.1
        True
    """
    return min(time_in_turns([call], sys.maxsize, warmup=warmup, seconds=seconds, fewest=3)[0]) / 1e9


@contextmanager
def _garbage_collector_off() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
