"""The tables of training steps: all networks in short, and every peer for each network."""

from collections.abc import Sequence
from typing import Any

from benchmarks.speed.steps.results import NetworkResult
from benchmarks.speed.steps.variants import BEFORE, OURS
from tfkws.intervals import LEVEL
from tfkws.views.table import Table


def overview(results: Sequence[NetworkResult]) -> Table:
    """Return a row for each network: our step, its share of the multiply rate, and the fastest peer beside it."""
    columns: tuple[str, ...] = (
        "network",
        "M MACs",
        "ms a step",
        "of the multiply rate",
        "fastest peer",
        "its time over ours",
    )
    before = any(BEFORE in result.seconds for result in results)
    rows = []
    for result in results:
        if OURS not in result.seconds:
            continue
        peer = result.fastest_peer
        row = [
            result.name,
            f"{result.macs / 1e6:.2f}",
            result.step(OURS).text(1, 1e3),
            f"{result.share(OURS).text(0, 100)} %",
            peer or "none",
            result.over_ours(peer).text() if peer else "",
        ]
        rows.append(tuple(row + ([_over(result, BEFORE)] if before else [])))
    if before:
        columns = (*columns, "before over ours")
    note = (
        f"Medians of rounds, with {LEVEL} intervals. Over ours: the peer's time, above 1 where `tfkws train` is faster."
    )
    return Table("Training steps of 50 clips", columns, tuple(rows), (columns[1], columns[2], columns[3]), note)


def _over(result: NetworkResult, peer: str) -> str:
    return result.over_ours(peer).text() if peer in result.seconds else ""


def _version(facts: dict[str, Any]) -> str:
    """Return the framework's version, and of this package what takes its steps."""
    return ", ".join(str(facts[key]) for key in ("version", "step") if key in facts)


def every_peer(result: NetworkResult) -> Table:
    """Return a row for each peer, the fastest first, and then those that did not run."""
    columns = ("by", "ms a step", "over ours", "of the multiply rate", "s to prepare", "version", "threads")
    rows = [
        (
            peer,
            result.step(peer).text(1, 1e3),
            _over(result, peer) if OURS in result.seconds else "",
            f"{result.share(peer).text(0, 100)} %",
            f"{result.facts[peer]['prepare_seconds']:.0f}",
            _version(result.facts[peer]),
            str(result.facts[peer].get("threads", "")),
        )
        for peer in result.ranking
    ]
    rows += [(peer, reason, "", "", "", "", "") for peer, reason in result.absent.items()]
    rate = result.rate.text(0, 1e-9)
    foreign = 100 * max(result.foreign, default=0.0)
    commit = f"tfkws at {result.commit}; " if result.commit else ""
    note = (
        f"{commit}{len(result.multiply_seconds)} rounds; the machine multiplies at {rate} GMAC/s; load average "
        f"{result.machine['load_average']} before; other programs took at most {foreign:.1f} % of the cores in a round."
    )
    return Table(f"{result.name}, {result.macs / 1e6:.2f} M MACs", columns, tuple(rows), columns[1:5], note)
