"""The whole way with the multiply rate and one small network by this package; and what is refused."""

import sys
from pathlib import Path

import pytest

from benchmarks.speed.peers import Peer, Peers
from benchmarks.speed.rounds import Plan
from benchmarks.speed.steps.measure import checked, measure
from benchmarks.speed.steps.networks import NETWORKS
from benchmarks.speed.steps.results import NetworkResult
from benchmarks.speed.steps.variants import MULTIPLY, OURS, VARIANTS
from tfkws.run_folder import read_json


@pytest.mark.slow
def test_a_record_is_written_once(tmp_path: Path) -> None:
    networks = [network for network in NETWORKS if network.name == "MatchboxNet-narrow"]
    variants = [variant for variant in VARIANTS if variant.name in (MULTIPLY, OURS)]
    plan = Plan(rounds=3, turn=0.05, tries=1)
    measure(tmp_path, networks, variants, {}, plan, hold=f'{sys.executable} -c "print(1, flush=True); input()"')
    path = tmp_path / "MatchboxNet-narrow.json"
    result = NetworkResult.read(read_json(path))
    assert 0 < result.share(OURS).median < 2
    written = path.stat().st_mtime_ns
    measure(tmp_path, networks, variants, {}, plan, hold="")
    assert path.stat().st_mtime_ns == written


def test_a_peer_that_is_not_installed_is_named_with_its_line() -> None:
    peers = Peers([Peer("x", "steps.multiply", ("no_such_package",), "pip install x")], {})
    assert peers.prepare({"x": {}}) == {"x": {"missing": "pip install x"}}
    peers.end()


def test_a_peer_that_fails_says_why_and_its_child_ends() -> None:
    peers = Peers([Peer("x", "steps.no_such_module", ("json",), "")], {})
    assert "no_such_module" in peers.prepare({"x": {}})["x"]["failed"]
    peers.end()


def test_another_number_of_weights_is_another_network() -> None:
    assert "7 weights, and not 8" in checked({"weights": 7}, 8)["failed"]
    assert checked({"weights": 8, "version": "1"}, 8) == {"weights": 8, "version": "1"}
    assert checked({"version": "1"}, 8) == {"version": "1"}
