"""The way into a cluster: what is said of clusters that cannot be used, without Ray."""

import os
import socket
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from tfkws.errors import ConfigError, RuntimeUnavailableError, SearchError
from tfkws.tuner.search import run_search
from tfkws.tuner.workers import ray_connection
from tfkws.tuner.workers.ray_connection import Cluster, connected, room_in, what_is_missing


@pytest.mark.parametrize(
    ("cluster", "room"),
    [
        (Cluster("auto"), 5),
        (Cluster("auto", 2), 2),
        (Cluster("auto", 4), 1),
        (Cluster("auto", 1, 1.0), 2),
        (Cluster("auto", 1, 0.5), 4),
        (Cluster("auto", 2, 0.25), 2),
        (Cluster("auto", 8), 0),
    ],
)
def test_room_is_counted_node_by_node(cluster: Cluster, room: int) -> None:
    nodes = [
        {"Alive": True, "Resources": {"CPU": 4.0, "GPU": 2.0, "memory": 1e9}},
        {"Alive": True, "Resources": {"CPU": 1.0}},
        {"Alive": False, "Resources": {"CPU": 64.0, "GPU": 8.0}},
        {"Alive": True, "Resources": {"memory": 1e9}},
    ]
    assert room_in(nodes, cluster) == room


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("localhost",), "HOST:PORT of its head node, or by auto"),
        (("ray://head:10001",), "HOST:PORT"),
        (("local",), "HOST:PORT"),
        (("head:6379", 0), "at least 1 core"),
        (("head:6379", 1, -1.0), "at least 1 core and 0 graphics processors. Received 1 and -1"),
    ],
)
def test_wrong_clusters_are_one_sentence(arguments: Any, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        Cluster(*arguments)


def test_without_ray_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    from cluster_search import CONFIG
    from fake_trainings import SPACE, ToyTraining, toy_macs

    folder = tmp_path / "search"
    with pytest.raises(RuntimeUnavailableError, match=r"pip install 'tfkws\[cluster\]'"):
        run_search(
            CONFIG, ToyTraining(), folder, space=SPACE, known_costs={"macs": toy_macs}, cluster=Cluster("head:6379")
        )
    assert not folder.exists()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_an_address_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", types.ModuleType("ray"))
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # and no listen
        address = f"127.0.0.1:{reserved.getsockname()[1]}"
        with pytest.raises(SearchError, match=f"No Ray cluster answers at {address} .*ray start --head --port"):
            connected(Cluster(address)).__enter__()


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("import time; time.sleep(60)", "did not answer within 2 s; this machine must be a node of it: run `ray start"),
        ("raise ValueError('Version mismatch:\\n Ray 2.9')", r"failed \(Version mismatch: Ray 2.9\); this machine"),
        ("import os, sys; sys.stderr.write('a\\nno raylet.'); os._exit(1)", r"failed \(no raylet\); "),
    ],
)
def test_an_answer_that_is_not_a_cluster(program: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", types.ModuleType("ray"))
    monkeypatch.setattr(ray_connection, "CONNECT_S", 2.0)
    monkeypatch.setattr(ray_connection, "TRY_TO_CONNECT", program)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(SearchError, match=f"at {address} {sentence}"):
            connected(Cluster(address)).__enter__()


def test_what_a_node_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tfkws import __version__

    monkeypatch.setattr(ray_connection, "SHARED_S", 0.0)
    (tmp_path / "mark").touch()
    assert what_is_missing(__version__, tmp_path / "mark", [tmp_path]) == ""
    assert "install 9.9 there" in what_is_missing("9.9", tmp_path / "mark", [])
    answer = what_is_missing(__version__, tmp_path / "search" / "mark", [tmp_path / "clips"])
    assert f"does not see {tmp_path / 'clips'} and {tmp_path / 'search'};" in answer
