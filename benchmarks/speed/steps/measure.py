"""Times the training steps of all peers for one network after the other; one record a network."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.records import say
from benchmarks.speed.checkouts import commit_of
from benchmarks.speed.children import ROOT, Child, Message
from benchmarks.speed.hold import held
from benchmarks.speed.peers import PREPARE_SECONDS, Peers
from benchmarks.speed.rounds import Plan, noise_warning, run_rounds
from benchmarks.speed.steps.networks import BATCH, CLASSES, INPUT_SHAPE, TimedNetwork
from benchmarks.speed.steps.variants import Variant
from tfkws.run_folder import write_json
from tfkws.tflite.targets.machine import read_machine


def measure(
    folder: Path,
    networks: Sequence[TimedNetwork],
    variants: Sequence[Variant],
    interpreters: Mapping[str, str],
    plan: Plan,
    hold: str,
) -> None:
    """Write the record of each network that has none under `folder`."""
    todo = [network for network in networks if not (folder / f"{network.name}.json").exists()]
    peers = Peers([variant.peer for variant in variants], interpreters)
    try:
        for network in todo:
            write_json(folder / f"{network.name}.json", measure_network(network, variants, peers, plan, hold))
    finally:
        peers.end()


def measure_network(
    network: TimedNetwork, variants: Sequence[Variant], peers: Peers, plan: Plan, hold: str
) -> dict[str, Any]:
    """Return the record of one network."""
    described = describe(network)
    say(f"{network.name}: {described['macs'] / 1e6:.2f} M MACs; peers are built and compiled")
    shared = {"layers": described["layers"], "shape": INPUT_SHAPE, "classes": CLASSES, "batch": BATCH}
    requests = {
        each.name: shared | each.options | ({"network": network.to_dict()} if each.is_ours else {}) for each in variants
    }
    facts = {name: checked(found, described["weights"]) for name, found in peers.prepare(requests).items()}
    with held(hold):
        machine = read_machine().to_dict()
        rounds = run_rounds(peers.children(name for name, found in facts.items() if "prepare_seconds" in found), plan)
    say(noise_warning(rounds, plan) or f"{network.name} is measured")
    return {
        "network": network.to_dict(),
        "macs": described["macs"],
        "weights": described["weights"],
        "batch": BATCH,
        "input_shape": list(INPUT_SHAPE),
        "machine": machine,
        "commit": commit_of(ROOT),
        "peers": facts,
        "rounds": rounds.to_dict(),
    }


def checked(facts: Message, weights: int) -> Message:
    """Return a peer's facts, or that it failed where it trains another number of weights.

    Example:
        >>> checked({"weights": 7, "prepare_seconds": 1.0}, 8)
        {'failed': 'it has 7 weights, and not 8'}
    """
    if facts.get("weights", weights) != weights:
        return {"failed": f"it has {facts['weights']} weights, and not {weights}"}
    return facts


def describe(network: TimedNetwork) -> Message:
    """Return layers, multiply-accumulates and trainable weights, counted in a child, so that none is loaded here."""
    child = Child([sys.executable, "-m", "benchmarks.speed.steps.describe_child"], os.environ)
    try:
        return child.ask(network.to_dict(), PREPARE_SECONDS)
    finally:
        child.end()
