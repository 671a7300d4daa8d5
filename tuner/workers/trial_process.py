"""A process that evaluates trials, one after the other, and forgets each, so that none depends on those before.

To import TensorFlow and to read the clips takes as long as a short trial; here that is done once for many.
"""

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tfkws.child_processes import end_with_parent
from tfkws.tuner.evaluate import Evaluate, Trial
from tfkws.tuner.records.trials import Values
from tfkws.tuner.workers.outcome import Answer, evaluate_safely

PATIENCE_S = 5.0  # for a process to end by itself, which takes a tenth of a second
STATUS = Path("/proc/self/status")


class TrialProcess:
    """A freshly spawned process that waits for trials; it ends with this one, however this one ends.

    Args:
        evaluate: picklable; sent once, so what it keeps in memory serves all trials of the process.
        threads: that TensorFlow may start there, an int.

    Attributes:
        connection: is ready when the process has answered, or has died.
        evaluated: trials that it was given so far, an int.
        memory_mib: of its own, in MiB, after the last trial; 0 before the first, and where that cannot be known.
    """

    def __init__(self, evaluate: Evaluate, threads: int) -> None:
        self.evaluated = 0
        self.memory_mib = 0.0
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process: Any = context.Process(target=_serve, args=(theirs, evaluate), name="trials")
        with _environment(child_environment(threads)):
            self._process.start()
        theirs.close()

    @property
    def exit_code(self) -> int:
        """Exit code of a process that has died, for a signal its negative number."""
        return int(self._process.exitcode)

    def give(self, values: Values, trial: Trial) -> None:
        """Let it evaluate a trial; where it has died meanwhile, `receive` says so."""
        self.evaluated += 1
        with suppress(OSError):
            self.connection.send((values, trial))

    def receive(self) -> Answer | None:
        """Wait for the answer; None if it died instead."""
        try:
            answer, self.memory_mib = self.connection.recv()
        except (EOFError, OSError):
            self._process.join()
            return None
        return answer if isinstance(answer, Answer) else None

    def end(self) -> None:
        """Let it end, and wait for that."""
        self.connection.close()
        self._process.join(PATIENCE_S)
        self.kill()

    def kill(self) -> None:
        """End it at once, in the middle of a trial too; checkpoints stay."""
        self._process.terminate()
        self._process.join()
        self.connection.close()


def _serve(connection: Any, evaluate: Evaluate) -> None:
    """Answer one trial after the other, until the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends this process
    end_with_parent()  # a trial left behind would write into folders of the next search
    while True:
        try:
            values, trial = connection.recv()
        except (EOFError, OSError):
            os._exit(0)  # nothing is left to be written, and TensorFlow takes its time
        answer = evaluate_safely(evaluate, values, trial)
        forget()
        connection.send((answer, own_memory_mib()))


def forget() -> None:
    """Take back what trials leave behind in Keras: graphs, names of layers, seeds. The next one begins as the first."""
    if "keras" in sys.modules:
        import keras

        keras.backend.clear_session()  # it collects garbage too
    gc.freeze()  # what is left stays: half a million objects of TensorFlow, through which each collection would go


def own_memory_mib() -> float:
    """Return the memory of this process in MiB, without files that it maps; 0.0 where /proc does not tell."""
    with suppress(OSError):
        for line in STATUS.read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(":")
            if name == "RssAnon":
                return int(value.split()[0]) / 1024
    return 0.0


def child_environment(threads: int) -> dict[str, str]:
    """Return the variables that TensorFlow and OpenMP read when they start.

    Those that are set in this process have precedence over the number of threads.

    Args:
        threads: int, of a trial.
    """
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    defaults = {name: str(threads) for name in names} | {"TF_CPP_MIN_LOG_LEVEL": "2"}
    return defaults | dict(os.environ)


@contextmanager
def _environment(changed: Mapping[str, str]) -> Iterator[None]:
    """Set variables for a child that is started inside: it may import TensorFlow before any function of ours runs."""
    before = dict(os.environ)
    os.environ.update(changed)
    try:
        yield
    finally:
        for name in changed.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
