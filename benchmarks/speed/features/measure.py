"""Times the front ends of all libraries on one core."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.records import say
from benchmarks.speed.checkouts import commit_of
from benchmarks.speed.children import ROOT
from benchmarks.speed.features.variants import VARIANTS
from benchmarks.speed.hold import held
from benchmarks.speed.peers import Peer, Peers
from benchmarks.speed.rounds import Plan, noise_warning, run_rounds
from tfkws.run_folder import write_json
from tfkws.tflite.targets.machine import read_machine

RECORD = "features.json"
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}


def measure(folder: Path, interpreters: Mapping[str, str], plan: Plan, hold: str) -> None:
    """Write the record where there is none."""
    if (folder / RECORD).exists():
        return
    peers = Peers(
        [Peer(each.package, "features.front_ends", (each.package,), each.install, ONE_THREAD) for each in VARIANTS],
        interpreters,
    )
    try:
        write_json(folder / RECORD, measure_all(peers, plan, hold))
    finally:
        peers.end()


def measure_all(peers: Peers, plan: Plan, hold: str) -> dict[str, Any]:
    """Return the record."""
    facts = peers.prepare({peer.name: {"library": peer.name} for peer in peers.peers})
    with held(hold):
        machine = read_machine().to_dict()
        ready = [name for name, found in facts.items() if "prepare_seconds" in found]
        rounds = run_rounds(peers.children(ready), plan, os.cpu_count())
    say(noise_warning(rounds, plan) or "front ends are measured")
    return {"machine": machine, "commit": commit_of(ROOT), "peers": facts, "rounds": rounds.to_dict()}
