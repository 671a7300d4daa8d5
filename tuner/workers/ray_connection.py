"""The connection to a Ray cluster: made within a time limit, and with its nodes checked before the first trial."""

import importlib
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tfkws
from tfkws.errors import ConfigError, RuntimeUnavailableError, SearchError

AUTO = "auto"
ANSWER_S, CONNECT_S, CHECK_S, SHARED_S = 5.0, 60.0, 120.0, 10.0  # s, at most: see where they are used
TRY_TO_CONNECT = "import ray, sys; ray.init(address=sys.argv[1], log_to_driver=False); ray.shutdown()"


@dataclass(frozen=True)
class Cluster:
    """The cluster where trials run, and what each of them is given.

    Attributes:
        address: HOST:PORT of the head node, or "auto" for the cluster that this machine is a node of.
        trial_cpus: processor cores (int) that a trial is given, and threads that it starts.
        trial_gpus: graphics processors (float) of a trial; 0.5 lets two trials share one; 0 hides them.
    """

    address: str
    trial_cpus: int = 1
    trial_gpus: float = 0.0

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        if self.address != AUTO and not (host and port.isdecimal() and "/" not in host):
            raise ConfigError(
                f"A cluster is named by HOST:PORT of its head node, or by auto on one of its nodes. Received "
                f"{self.address!r}."
            )
        if self.trial_cpus < 1 or self.trial_gpus < 0:
            raise ConfigError(
                f"A trial needs at least 1 core and 0 graphics processors. Received {self.trial_cpus} and "
                f"{self.trial_gpus:g}."
            )

    def room(self, resources: Mapping[str, float]) -> int:
        """Return how many trials fit at a time into these resources.

        Example:
            >>> Cluster("auto", trial_cpus=2).room({"CPU": 5.0})
            2
        """
        by_cpus = int(resources.get("CPU", 0.0) / self.trial_cpus)
        # Ray counts in steps of 1e-4, so a third of a processor goes into it three times.
        by_gpus = int(resources.get("GPU", 0.0) / self.trial_gpus + 1e-4) if self.trial_gpus else by_cpus
        return min(by_cpus, by_gpus)


def fitting_nodes(nodes: Sequence[Mapping[str, Any]], cluster: Cluster) -> list[Mapping[str, Any]]:
    """Return those of `ray.nodes()` that are alive and have room for a trial."""
    return [node for node in nodes if node["Alive"] and cluster.room(node["Resources"])]


def room_in(nodes: Sequence[Mapping[str, Any]], cluster: Cluster) -> int:
    """Return how many trials (int) fit into a cluster at a time, whatever else it does now."""
    return sum(cluster.room(node["Resources"]) for node in fitting_nodes(nodes, cluster))


@contextmanager
def connected(cluster: Cluster) -> Iterator[Any]:
    """Yield the module `ray`, connected to a cluster.

    Raises:
        RuntimeUnavailableError: Ray is not installed.
        SearchError: the cluster does not answer, or this machine cannot be its driver.
    """
    ray = import_ray()
    _check_answer(cluster.address)
    _try_to_connect(cluster.address)
    ray.init(address=cluster.address, log_to_driver=False, logging_level=logging.ERROR)
    try:
        yield ray
    finally:
        ray.shutdown()


def import_ray() -> Any:
    """Import Ray, without its reports to its makers and without its way of uploading the working directory.

    Raises:
        RuntimeUnavailableError: it is not installed.
    """
    os.environ.update({"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"})
    try:
        return importlib.import_module("ray")
    except ModuleNotFoundError:
        raise RuntimeUnavailableError("--cluster needs Ray; run `pip install 'tfkws[cluster]'`.") from None


def _check_answer(address: str) -> None:
    """Check that the address answers: Ray itself takes half a minute to notice that no server is there."""
    if address == AUTO:
        return
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise SearchError(
            f"No Ray cluster answers at {address} ({error}); start one there by `ray start --head --port {port}`."
        ) from None


def _try_to_connect(address: str) -> None:
    """Connect in a process of its own first: Ray may wait for ever, or end the process that asked."""
    mend = f"this machine must be a node of it: run `ray start --address {address}` here, `--num-cpus 0` for no trials"
    if address == AUTO:
        mend = "start one by `ray start --head`, or join one by `ray start --address HOST:PORT`"
    command = [sys.executable, "-c", TRY_TO_CONNECT, address]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=CONNECT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise SearchError(f"The Ray cluster at {address} did not answer within {CONNECT_S:g} s; {mend}.") from None
    if done.returncode:
        raise SearchError(f"Connecting to the Ray cluster at {address} failed ({_complaint(done.stderr)}); {mend}.")


def _complaint(stderr: str) -> str:
    """Return what the last exception said, with all its lines; else the last line."""
    said = re.split(r"^[\w.]*(?:Error|Exception|Timeout)\w*: ", stderr.strip(), flags=re.MULTILINE)
    return " ".join((said[-1] if len(said) > 1 else said[-1].rpartition("\n")[2]).split()).rstrip(".")


def check_nodes(ray: Any, cluster: Cluster, folder: Path, needs: Sequence[Path]) -> None:
    """Make sure that every node with room for a trial has this tfkws and sees the folders under the same paths.

    Args:
        folder: of the search; made if it is not there.
        needs: what trials read.

    Raises:
        SearchError: no node has room for a trial, or one of them lacks something; the message says which and
            what.
    """
    nodes = fitting_nodes(ray.nodes(), cluster)
    if not nodes:
        raise SearchError(
            f"No node of the cluster {cluster.address} has room for a trial of {cluster.trial_cpus} cores and "
            f"{cluster.trial_gpus:g} graphics processors; start one, or ask for less by --trial-cpus and --trial-gpus."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix=".seen-by-all-nodes-", dir=folder) as mark:
        asked = [(node["NodeManagerAddress"], _ask(ray, node, Path(mark.name), needs)) for node in nodes]
        for address, answer in asked:
            if complaint := _answer(ray, answer):
                raise SearchError(f"The node {address} of the cluster {cluster.address} cannot run trials: {complaint}")


def _ask(ray: Any, node: Mapping[str, Any], mark: Path, needs: Sequence[Path]) -> Any:
    strategies = importlib.import_module("ray.util.scheduling_strategies")
    there = strategies.NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
    task = ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=there)(what_is_missing)
    return task.remote(tfkws.__version__, mark, needs)


def _answer(ray: Any, answer: Any) -> str:
    try:
        return str(ray.get(answer, timeout=CHECK_S))
    except ray.exceptions.RayTaskError as error:
        return f"{first_line(error)}; install the same tfkws there."
    except ray.exceptions.RayError as error:
        return f"{first_line(error)}; start it again, or take it out of the cluster."


def what_is_missing(version: str, mark: Path, needs: Sequence[Path]) -> str:
    """Return what the node lacks that this runs on; empty where it has all.

    Args:
        version: of tfkws where the search runs.
        mark: file that the search has just made in its folder.
        needs: paths that trials read.
    """
    if tfkws.__version__ != version:
        return f"it has tfkws {tfkws.__version__}; install {version} there."
    missing = [str(path) for path in needs if not appears(path)]
    missing += [] if appears(mark) else [str(mark.parent)]
    return f"it does not see {' and '.join(missing)}; share it under the same path, for example by NFS." * bool(missing)


def appears(path: Path) -> bool:
    """Return whether a path is there.

    A shared file system may take seconds to show what another machine has made.
    """
    end = time.monotonic() + SHARED_S
    while not path.exists():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def first_line(error: BaseException) -> str:
    """Return the kind of an error and the first line of its message; Ray adds pages to it."""
    said = str(error).strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
