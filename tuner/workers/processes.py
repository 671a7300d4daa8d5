"""Workers on this machine: trials run in this process, or each in a fresh one, so that memory does not grow."""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol

from tfkws.child_processes import end_with_parent
from tfkws.tuner.evaluate import Evaluate, Trial
from tfkws.tuner.records.trials import Measurement, Values
from tfkws.tuner.workers.machine_fault import MachineFault, machine_fault

Outcome = Measurement | str  # a measurement, or why the candidate is infeasible
ERROR_FILE = "error.txt"


class Workers(Protocol):
    """Evaluates trials, up to `slots` at a time."""

    @property
    def slots(self) -> int:
        """Number of trials at a time, an int; it may change while a search runs."""
        ...

    def start(self, values: Values, trial: Trial) -> None:
        """Take a trial; it is not waited for."""
        ...

    def next_outcome(self) -> tuple[int, Outcome]:
        """Wait for the next trial to finish; return its number (int), and its measurement or why it has none.

        Raises:
            SearchError: the machine failed, not the candidate: a full disk, for example.
        """
        ...

    def close(self) -> None:
        """End what still runs; closing twice is fine."""
        ...


class InlineWorker:
    """Evaluates in this process, one trial at a time.

    It is for evaluations that take no time or share this memory.
    """

    slots = 1

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate
        self._waiting: list[tuple[Values, Trial]] = []

    def start(self, values: Values, trial: Trial) -> None:
        """Take a trial; it runs when it is waited for."""
        self._waiting.append((values, trial))

    def next_outcome(self) -> tuple[int, Outcome]:
        """Run the oldest trial; return its number (int) and its measurement, or why it has none.

        Raises:
            IndexError: no trial was started.
            SearchError: the machine failed.
        """
        values, trial = self._waiting.pop(0)
        return trial.number, _judged(trial.number, evaluate_safely(self._evaluate, values, trial))

    def close(self) -> None:
        """Do nothing: no process is left."""


@dataclass
class _Running:
    process: Any
    receiver: Connection
    values: Values
    trial: Trial
    plain: bool


@dataclass
class ProcessWorkers:
    """Evaluates each trial in a freshly spawned process; up to `slots` at a time, sharing the cores.

    A process that dies makes its candidate infeasible and nothing else. One that dies of a segmentation fault
    is tried once more with TensorFlow's plain kernels, because oneDNN's crash on some shapes. All end with
    this process, however it ends.

    Attributes:
        threads: of each process; 0 shares the cores of this machine evenly.
    """

    evaluate: Evaluate
    slots: int = 1
    threads: int = 0
    _running: dict[int, _Running] = field(default_factory=dict)

    def start(self, values: Values, trial: Trial) -> None:
        """Start a trial at once, in a process of its own."""
        self._spawn(values, trial, plain=False)

    def next_outcome(self, timeout: float | None = None) -> tuple[int, Outcome]:
        """Wait for the next trial to finish; return its number (int) and its measurement, or why it has none.

        A process that dies of a segmentation fault is started a second time, without oneDNN.

        Args:
            timeout: seconds; None for as long as it takes.

        Raises:
            SearchError: the machine failed.
            TimeoutError: none has finished by then; they go on.
        """
        while True:
            ready = wait([running.receiver for running in self._running.values()], timeout)
            if not ready:
                raise TimeoutError
            number = min(n for n, running in self._running.items() if running.receiver in ready)
            running = self._running.pop(number)
            outcome = _received(running)
            if outcome is not None:
                return number, _judged(number, outcome)
            if running.process.exitcode != -signal.SIGSEGV or running.plain:
                return number, death(running.process.exitcode)
            self._spawn(running.values, running.trial, plain=True)

    def close(self) -> None:
        """End what still runs; checkpoints of unfinished trials stay."""
        for running in self._running.values():
            running.process.terminate()
        for running in self._running.values():
            running.process.join()
        self._running.clear()

    def _spawn(self, values: Values, trial: Trial, *, plain: bool) -> None:
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        threads = self.threads or max(1, (os.cpu_count() or 1) // self.slots)
        arguments = (sender, self.evaluate, values, trial)
        process = context.Process(target=_evaluate_in_child, args=arguments, name=f"trial {trial.number}")
        with _environment(child_environment(threads, plain)):
            process.start()
        sender.close()
        self._running[trial.number] = _Running(process, receiver, values, trial, plain)


def death(exit_code: int) -> str:
    """Return the sentence on a candidate whose process died.

    Args:
        exit_code: int; for a signal its negative number.
    """
    return f"its process died with exit code {exit_code}, for example because it ran out of memory"


def _received(running: _Running) -> Outcome | MachineFault | None:
    """Return what a process has sent; None if it died instead."""
    outcome: Outcome | MachineFault | None = None
    with suppress(EOFError):
        outcome = running.receiver.recv()
    running.process.join()
    return outcome


def evaluate_safely(evaluate: Evaluate, values: Values, trial: Trial) -> Outcome | MachineFault:
    """Return a measurement, the message of an exception, or what is wrong with the machine.

    The traceback goes to `error.txt` in the trial's folder.
    """
    try:
        trial.folder.mkdir(parents=True, exist_ok=True)
        return evaluate(values, trial)
    except Exception as error:  # noqa: BLE001 - whatever a candidate does, the search goes on
        if fault := machine_fault(error):
            return fault
        with suppress(OSError):
            (trial.folder / ERROR_FILE).write_text(traceback.format_exc(), encoding="utf-8", errors="replace")
        return f"{type(error).__name__}: {error}"


def _judged(number: int, outcome: Outcome | MachineFault) -> Outcome:
    """Return an outcome of the candidate; one of the machine ends the search."""
    if isinstance(outcome, MachineFault):
        raise outcome.error(number)
    return outcome


def _evaluate_in_child(sender: Connection, evaluate: Evaluate, values: Values, trial: Trial) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends this process
    end_with_parent()  # a trial left behind would write into folders of the next search
    sender.send(evaluate_safely(evaluate, values, trial))


def child_environment(threads: int, plain: bool) -> dict[str, str]:
    """Return the variables that TensorFlow and OpenMP read when they start.

    Those that are set in this process have precedence.

    Args:
        threads: int, of a trial.
        plain: whether oneDNN's kernels are switched off.
    """
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    defaults = {name: str(threads) for name in names} | {"TF_CPP_MIN_LOG_LEVEL": "2"}
    return defaults | dict(os.environ) | ({"TF_ENABLE_ONEDNN_OPTS": "0"} if plain else {})


@contextmanager
def _environment(changed: dict[str, str]) -> Iterator[None]:
    """Set variables for a child that is started inside: it may import TensorFlow before any function of ours runs."""
    before = dict(os.environ)
    os.environ.update(changed)
    try:
        yield
    finally:
        for name in changed.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def make_workers(evaluate: Evaluate, count: int) -> InlineWorker | ProcessWorkers:
    """Return workers for `count` trials at a time (int); 0 for evaluation in this process."""
    return ProcessWorkers(evaluate, count) if count else InlineWorker(evaluate)
