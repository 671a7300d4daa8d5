"""Searches on a real Ray cluster of two nodes on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tfkws.run_folder import read_json
from tfkws.tuner.records.journal import Journal

FAKES = Path(__file__).parents[2] / "fakes"
pytestmark = pytest.mark.device
EPOCHS, TRIALS = 8, 8  # of cluster_search.py


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cluster with a head of three cores and a node of two, as Ray counts them."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", str(FAKES))
    monkeypatch.setenv("RAY_worker_niceness", "0")  # else a busy machine starves the trials
    cluster_utils = pytest.importorskip("ray.cluster_utils", reason="Ray is missing: pip install 'tfkws[cluster]'")
    head = {"num_cpus": 3, "include_dashboard": False, "env_vars": {"NODE_NAME": "head"}}
    made = cluster_utils.Cluster(initialize_head=True, head_node_args=head, shutdown_at_exit=False)
    try:
        made.second = made.add_node(num_cpus=2, env_vars={"NODE_NAME": "second"})
        yield made
    finally:
        made.shutdown()


Begin = Callable[..., subprocess.Popen[str]]
PATIENCE_S = 300.0  # on a busy machine the imports alone take a minute


@pytest.fixture
def begin() -> Iterator[Begin]:
    """What starts a search in a process of its own, with (folder, training, address of a cluster or nothing)."""
    begun: list[subprocess.Popen[str]] = []

    def start(folder: Path, training: str, address: str = "") -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "ignore", str(FAKES / "cluster_search.py"), str(folder), training, address]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return begun[-1]

    yield start
    for search in begun:
        search.kill()
        search.communicate()


def end(search: subprocess.Popen[str]) -> None:
    _, stderr = search.communicate(timeout=PATIENCE_S)
    assert search.returncode == 0, stderr


def wait_for(condition: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
    """What the condition says, as soon as that is true."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
    return found


def epochs(folder: Path) -> dict[int, list[dict[str, Any]]]:
    """What each trial wrote after each epoch."""
    files = sorted(folder.glob("trials/*/epochs.jsonl"))
    return {int(file.parent.name): [json.loads(line) for line in file.read_text().splitlines()] for file in files}


def records(folder: Path) -> list[Any]:
    return Journal(folder / "journal.jsonl").load()


def outcomes(folder: Path) -> list[Any]:
    """Of each trial, in order of arrival: what a search is, without where and how long."""
    return [(r.number, r.stage, r.values, r.status, r.metrics["top1_error"]) for r in records(folder)]


def trial_processes(folder: Path) -> list[int]:
    """Processes that wrote epochs and are alive."""
    written = {row["process"] for rows in epochs(folder).values() for row in rows}
    return [process for process in written if Path(f"/proc/{process}").exists()]


def test_a_node_is_killed_in_the_middle_of_a_trial(cluster: Any, begin: Begin, tmp_path: Path) -> None:
    end(begin(tmp_path / "alone", "quick"))
    folder = tmp_path / "cluster"
    search = begin(folder, "in-turn", cluster.address)

    def halfway() -> int | None:
        """A trial on the second node with some epochs done, and some to do."""
        running = {record.number for record in records(folder) if record.status == "running"}
        rows = epochs(folder)
        there = [n for n in running if rows.get(n) and rows[n][-1]["NODE_NAME"] == "second" and 1 < len(rows[n]) < 5]
        return there[0] + 1 if there else None

    lost = wait_for(halfway) - 1
    cluster.remove_node(cluster.second, allow_graceful=False)
    end(search)

    assert outcomes(folder) == outcomes(tmp_path / "alone")
    assert [record.number for record in records(folder)] == list(range(TRIALS))
    assert len((folder / "journal.jsonl").read_text().splitlines()) == 2 * TRIALS
    assert read_json(folder / "front.json")["completed"] == TRIALS
    nodes = Counter(row["NODE_NAME"] for row in epochs(folder)[lost])
    assert set(nodes) == {"head", "second"} and nodes["second"] >= 2  # it went on elsewhere
    assert all([row["epoch"] for row in rows] == list(range(EPOCHS)) for rows in epochs(folder).values())


def test_failed_candidates_are_counted_and_not_fatal(cluster: Any, begin: Begin, tmp_path: Path) -> None:
    end(begin(tmp_path, "failing", cluster.address))
    infeasible = {r.number: r.reason for r in records(tmp_path) if r.status == "infeasible"}
    assert set(infeasible) == {1, 3}
    assert infeasible[1] == "ValueError: trial 1 was told to fail" and "exit code -9" in infeasible[3]
    front = read_json(tmp_path / "front.json")
    assert (front["completed"], front["infeasible"]) == (TRIALS - 2, 2)
    assert "Traceback" in (tmp_path / "trials" / "0001" / "error.txt").read_text()
    rows = epochs(tmp_path)
    assert {row["OMP_NUM_THREADS"] for rows_of_one in rows.values() for row in rows_of_one} == {"1"}
    assert len({row["process"] for rows_of_one in rows.values() for row in rows_of_one}) == TRIALS  # one a trial


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_search_that_is_ended_leaves_nothing_running(
    how: signal.Signals, cluster: Any, begin: Begin, tmp_path: Path
) -> None:
    search = begin(tmp_path, "slow", cluster.address)
    wait_for(lambda: sum(len(rows) > 1 for rows in epochs(tmp_path).values()) >= 3)
    search.send_signal(how)
    search.communicate(timeout=60)
    assert search.returncode != 0
    wait_for(lambda: not trial_processes(tmp_path), 20.0 if how == signal.SIGKILL else 2.0)
    before = epochs(tmp_path)
    time.sleep(1.0)
    assert epochs(tmp_path) == before
    end(begin(tmp_path, "slow"))  # without the cluster
    assert all([row["epoch"] for row in rows] == list(range(EPOCHS)) for rows in epochs(tmp_path).values())
    assert [record.status for record in records(tmp_path)] == ["completed"] * TRIALS


def test_a_listener_that_is_no_cluster(begin: Begin, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is missing: pip install 'tfkws[cluster]'")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        search = begin(tmp_path / "search", "slow", f"127.0.0.1:{server.getsockname()[1]}")
        _, stderr = search.communicate(timeout=PATIENCE_S)
    assert search.returncode == 1 and "SearchError" in stderr and "this machine must be a node of it" in stderr
    assert not (tmp_path / "search").exists()


def test_no_node_with_room(cluster: Any, tmp_path: Path) -> None:
    cluster.remove_node(cluster.second)
    code = (
        "from pathlib import Path; from tfkws.tuner.workers.ray_connection import *\n"
        f"with connected(Cluster('{cluster.address}', 4)) as ray: check_nodes(ray, Cluster('auto', 4), Path('x'), [])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "has room for a trial of 4 cores and 0 graphics processors; start one" in done.stderr
    assert not os.listdir(tmp_path)
