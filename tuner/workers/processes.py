"""Workers on this machine: trials run in this process, or in a few others that evaluate one after the other."""

from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import Protocol

from tfkws.tuner.evaluate import Evaluate, Trial
from tfkws.tuner.records.trials import Values
from tfkws.tuner.workers.outcome import Answer, Outcome, death, evaluate_safely, judged
from tfkws.tuner.workers.room import TRIAL_MIB, cores_here
from tfkws.tuner.workers.trial_process import TrialProcess


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
        return trial.number, judged(trial.number, evaluate_safely(self._evaluate, values, trial).outcome)

    def close(self) -> None:
        """Do nothing: no process is left."""


@dataclass(frozen=True)
class Renewal:
    """When a process makes way for a fresh one.

    Attributes:
        trials: after so many.
        memory_mib: above so many MiB of its own.
    """

    trials: int = 100
    memory_mib: float = TRIAL_MIB

    def due(self, process: TrialProcess) -> bool:
        """Return whether a process has served long enough."""
        return process.evaluated >= self.trials or process.memory_mib > self.memory_mib


@dataclass(frozen=True)
class _Task:
    process: TrialProcess
    values: Values
    trial: Trial


@dataclass
class ProcessWorkers:
    """Evaluates trials in processes of their own, up to `slots` at a time, sharing the cores.

    A process evaluates many trials, and is renewed before its memory grows. A candidate is infeasible only if it
    fails in a fresh process: where one that has served others before fails or dies, it is tried once more. All end with
    this process, however it ends.

    Attributes:
        threads: of each process; 0 shares the cores of this machine evenly.
        renewal: of processes.
    """

    evaluate: Evaluate
    slots: int = 1
    threads: int = 0
    renewal: Renewal = field(default_factory=Renewal)
    _tasks: dict[int, _Task] = field(default_factory=dict)
    _idle: list[TrialProcess] = field(default_factory=list)

    def start(self, values: Values, trial: Trial) -> None:
        """Start a trial at once, in a process that waits for one, or in a fresh one."""
        self._give(self._idle.pop(0) if self._idle else self._fresh(), values, trial)

    def next_outcome(self, timeout: float | None = None) -> tuple[int, Outcome]:
        """Wait for the next trial to finish; return its number (int) and its measurement, or why it has none.

        Args:
            timeout: seconds; None for as long as it takes.

        Raises:
            SearchError: the machine failed.
            TimeoutError: none has finished by then; they go on.
        """
        while True:
            ready = wait([task.process.connection for task in self._tasks.values()], timeout)
            if not ready:
                raise TimeoutError
            number = min(n for n, task in self._tasks.items() if task.process.connection in ready)
            task = self._tasks.pop(number)
            answer = task.process.receive()
            failed = answer is None or not answer.certain
            self._dismiss(task.process, answer)
            if failed and task.process.evaluated > 1:
                self._give(self._fresh(), task.values, task.trial)
            else:
                return number, judged(number, answer.outcome if answer else death(task.process.exit_code))

    def close(self) -> None:
        """End what still runs; checkpoints of unfinished trials stay."""
        for process in [*(task.process for task in self._tasks.values()), *self._idle]:
            process.kill()
        self._tasks.clear()
        self._idle.clear()

    def _give(self, process: TrialProcess, values: Values, trial: Trial) -> None:
        process.give(values, trial)
        self._tasks[trial.number] = _Task(process, values, trial)

    def _dismiss(self, process: TrialProcess, answer: Answer | None) -> None:
        """Let a process wait for the next trial, unless it has died, failed or served long enough."""
        if answer is None or not answer.certain or self.renewal.due(process):
            process.end()
            return
        self._idle.append(process)

    def _fresh(self) -> TrialProcess:
        return TrialProcess(self.evaluate, self.threads or max(1, cores_here() // self.slots))


def make_workers(evaluate: Evaluate, count: int) -> InlineWorker | ProcessWorkers:
    """Return workers for `count` trials at a time (int); 0 for evaluation in this process."""
    return ProcessWorkers(evaluate, count) if count else InlineWorker(evaluate)
