"""A child process that prepares one thing to be timed, and runs it as often as it is asked to.

python -m benchmarks.speed.timed_child MODULE

Requests are lines of JSON: {"do": "prepare", ...}, whose other keys MODULE's `prepare` takes, then
{"do": "run", "runs": 5} as often as wanted; each gets one line back. It imports what MODULE does and nothing else but
the standard library, so any interpreter serves that has MODULE's framework.
"""

import resource
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.speed.children import Message, serve

Call = Callable[[int], Any]  # is given the number of the run
FIRST_RUNS = 3


class TimedServer:
    """Answers requests about what one module prepares.

    Args:
        prepare: takes the request's keys, and returns what is timed and facts about it, JSON-ready.
    """

    def __init__(self, prepare: Callable[..., tuple[Call, Message]]) -> None:
        self._prepare = prepare
        self._call: Call | None = None

    def answer(self, request: Message) -> Message:
        """Return the answer to a request; both JSON-ready."""
        asked = dict(request)
        return self.prepare(**asked) if asked.pop("do") == "prepare" else self.run(**asked)

    def prepare(self, **request: Any) -> Message:
        """Prepare, and run three times, in which whatever compiles late is compiled."""
        started = time.perf_counter()
        self._call = None  # so that two are never held at once
        self._call, facts = self._prepare(**request)
        answers = [self._call(number) for number in range(FIRST_RUNS)]
        seconds = time.perf_counter() - started
        return facts | {"prepare_seconds": round(seconds, 2), "first_answers": answers}

    def run(self, runs: int, warm: int = 1) -> Message:
        """Run `warm` times, which are not kept, then time each of `runs`."""
        if self._call is None:
            raise RuntimeError("nothing is prepared")
        before = cpu_seconds()
        for number in range(warm):
            self._call(number)
        kept = []
        for number in range(runs):
            started = time.perf_counter()
            self._call(number)
            kept.append(time.perf_counter() - started)
        return {"seconds": kept, "cpu_seconds": cpu_seconds() - before}


def cpu_seconds() -> float:
    """Return the processor time of this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    serve(lambda: TimedServer(import_module(sys.argv[1]).prepare).answer)
