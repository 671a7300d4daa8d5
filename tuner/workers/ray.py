"""Trials on a Ray cluster: oracle and journal stay in this process, and each trial is a Ray task on some node.

A task does on its node what `ProcessWorkers` does on one machine: it starts a fresh process that evaluates the
candidate, and waits for it. So an exception, a segmentation fault or a lack of memory, which make the candidate
infeasible, differ from a lost node, after which the trial is run again on another node.

Every node needs the same tfkws, and must see the clips and the folder of the search under the same paths, for example
by NFS. That is checked on every node before the first trial, and by every trial. So a checkpoint outlives its node: the
trial goes on from it elsewhere, as it does after `--resume`, and at most the running epochs are lost.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tfkws.errors import SearchError
from tfkws.tuner.evaluate import Evaluate, Trial
from tfkws.tuner.records.trials import Values
from tfkws.tuner.workers.outcome import Outcome, death
from tfkws.tuner.workers.processes import ProcessWorkers
from tfkws.tuner.workers.ray_connection import (
    Cluster,
    appears,
    check_nodes,
    connected,
    first_line,
    fitting_nodes,
    room_in,
)

ATTEMPTS = 3  # of a trial whose nodes are lost: it may be what takes them down
PAUSE_S = 5.0  # before the second attempt, twice that before the third: until Ray knows too that the node is gone
LOOK_S = 5.0  # between looks at the nodes while nothing finishes
PATIENCE_S = 300.0  # with no node that has room for a trial; one may be starting again
END_S = 20.0  # for trials to end when the search does
HANDED_ON = ("TF_", "KERAS_")  # settings of this process that hold for trials wherever they run


@dataclass(frozen=True)
class Unfit:
    """What a node lacks for a trial; the candidate is not infeasible for it."""

    reason: str


@dataclass(frozen=True)
class Setting:
    """What a task needs to know besides its trial.

    Attributes:
        threads: number (int) that the trial may start.
        environment: variables to set before TensorFlow is imported.
        needs: paths that the trial reads.
    """

    threads: int
    environment: dict[str, str]
    needs: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Sent:
    reference: Any
    values: Values
    trial: Trial
    attempt: int


class RayWorkers:
    """Evaluates each trial in a fresh process on some node of a cluster.

    Args:
        ray: the module, connected.
        evaluate: picklable, by modules that the nodes have too.
        cluster: what a trial is given.
        at_most: trials at a time, if there is room for them.
        needs: paths that trials read on every node.
    """

    def __init__(
        self, ray: Any, evaluate: Evaluate, cluster: Cluster, at_most: int, needs: Sequence[Path] = ()
    ) -> None:
        self._ray, self._evaluate, self._cluster, self._at_most = ray, evaluate, cluster, at_most
        environment = handed_on(dict(os.environ)) | ({} if cluster.trial_gpus else {"CUDA_VISIBLE_DEVICES": "-1"})
        self._setting = Setting(cluster.trial_cpus, environment, tuple(needs))
        # Ray's own repetitions would not be counted; a process that served one trial is not used again.
        self._task = ray.remote(
            num_cpus=cluster.trial_cpus, num_gpus=cluster.trial_gpus, max_calls=1, max_retries=0
        )(run_on_node)  # fmt: skip
        self._running: dict[int, _Sent] = {}

    @property
    def slots(self) -> int:
        """Number of trials at a time, an int of at least 1: what the nodes have room for now."""
        return max(1, min(self._at_most, room_in(self._ray.nodes(), self._cluster)))

    def start(self, values: Values, trial: Trial) -> None:
        """Hand a trial to the cluster, which starts it as soon as a node has room."""
        parent = trial.start_from
        there = replace(trial, folder=trial.folder.absolute(), start_from=parent.absolute() if parent else None)
        there.folder.mkdir(parents=True, exist_ok=True)  # a node that does not see it is not where it should be
        self._send(values, there, 1)

    def next_outcome(self) -> tuple[int, Outcome]:
        """Wait for the next trial to finish; its number, and what came of it.

        Raises:
            SearchError: a node cannot run trials, or none is left; the search goes on with `--resume`.
        """
        while True:
            number = self._next_ready()
            sent = self._running.pop(number)
            try:
                answer = self._ray.get(sent.reference)
            except self._ray.exceptions.LocalRayletDiedError:
                raise SearchError(
                    f"This machine is no longer a node of the cluster {self._cluster.address}; mend that and go on "
                    "with --resume, or without --cluster."
                ) from None
            except self._ray.exceptions.RayError as error:
                if sent.attempt == ATTEMPTS:
                    return number, f"it was lost {ATTEMPTS} times on the cluster; the last time by {first_line(error)}"
                time.sleep(PAUSE_S * sent.attempt)
                self._send(sent.values, sent.trial, sent.attempt + 1)
                continue
            if isinstance(answer, Unfit):
                raise SearchError(f"A node cannot run trials: {answer.reason}")
            return number, answer

    def close(self) -> None:
        """End what still runs, wherever; checkpoints of unfinished trials stay."""
        references = [sent.reference for sent in self._running.values()]
        for reference in references:
            self._ray.cancel(reference, force=True)
        if references:
            self._ray.wait(references, num_returns=len(references), timeout=END_S)
        self._running.clear()

    def _send(self, values: Values, trial: Trial, attempt: int) -> None:
        reference = self._task.remote(self._evaluate, values, trial, self._setting)
        self._running[trial.number] = _Sent(reference, values, trial, attempt)

    def _next_ready(self) -> int:
        """Number of the first trial that has ended in any way; of several, the lowest."""
        numbers = {sent.reference: number for number, sent in self._running.items()}
        alone_since = None
        while not self._ray.wait(list(numbers), num_returns=1, timeout=LOOK_S)[0]:
            if fitting_nodes(self._ray.nodes(), self._cluster):
                alone_since = None
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since > PATIENCE_S:
                raise SearchError(
                    f"The cluster {self._cluster.address} has had no node for trials for {PATIENCE_S:g} s; start one "
                    "and go on with --resume."
                )
        ready, _ = self._ray.wait(list(numbers), num_returns=len(numbers), timeout=0)
        return min(numbers[reference] for reference in ready)


def handed_on(environment: dict[str, str]) -> dict[str, str]:
    """Return the settings of TensorFlow and Keras among environment variables."""
    return {name: value for name, value in environment.items() if name.startswith(HANDED_ON)}


def run_on_node(evaluate: Evaluate, values: Values, trial: Trial, setting: Setting) -> Outcome | Unfit:
    """Evaluate a candidate, as a Ray task, in a fresh process that ends with this one.

    Raises:
        InterruptedError: the process was asked to end, which only a node that shuts down does.
    """
    missing = [str(path) for path in (trial.folder, *setting.needs) if not appears(path)]
    if missing:
        host = os.uname().nodename
        return Unfit(f"{host} does not see {' and '.join(missing)}; share it under the same path and use --resume.")
    os.environ.update(setting.environment)
    with closing(ProcessWorkers(evaluate, 1, setting.threads)) as workers:
        workers.start(values, trial)
        try:
            _, outcome = workers.next_outcome()
        except SearchError as error:  # a fault of that machine; raised, it would count as a lost node
            return Unfit(f"{os.uname().nodename}: {error}")
    if outcome == death(-signal.SIGTERM):
        raise InterruptedError("the node shuts down")
    return outcome


@contextmanager
def cluster_workers(
    cluster: Cluster, evaluate: Evaluate, folder: Path, needs: Sequence[Path], at_most: int
) -> Iterator[RayWorkers]:
    """Connect to a cluster whose nodes see what trials need, and disconnect at the end.

    Args:
        folder: of the search.
        needs: what trials read besides.
        at_most: trials at a time.

    Raises:
        RuntimeUnavailableError: Ray is not installed.
        SearchError: the cluster cannot be reached, or one of its nodes cannot run trials.
    """
    with connected(cluster) as ray:
        absolute = [path.absolute() for path in needs]
        check_nodes(ray, cluster, folder.absolute(), absolute)
        yield RayWorkers(ray, evaluate, cluster, at_most, absolute)
