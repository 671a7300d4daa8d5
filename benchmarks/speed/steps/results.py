"""What the record of one network says: times, ratios to ours, shares of the multiply rate, with intervals."""

from dataclasses import dataclass
from typing import Any

from benchmarks.speed.ratios import Spread, ratio, spread
from benchmarks.speed.steps.variants import BEFORE, MULTIPLY, OURS, VARIANTS

MULTIPLY_MACS = 2048**3  # of one product of two 2048 x 2048 matrices
PASSES = 3  # forward, and the gradients of inputs and of weights, each as many multiply-accumulates
NOT_PEERS = (MULTIPLY, OURS, BEFORE)


@dataclass(frozen=True)
class NetworkResult:
    """One network.

    Attributes:
        name: of the network.
        macs: multiply-accumulates of one clip's forward pass.
        step_macs: of a whole step.
        seconds: of a step by peer, one value a round.
        multiply_seconds: of the matrix product, one value a round.
        facts: what each peer said when it was prepared; `missing` or `failed` where it did not run.
        foreign: share 0..1 of the cores that other programs took, by round.
        machine: before the rounds.
        commit: of this package.
    """

    name: str
    macs: int
    step_macs: int
    seconds: dict[str, list[float]]
    multiply_seconds: list[float]
    facts: dict[str, dict[str, Any]]
    foreign: list[float]
    machine: dict[str, Any]
    commit: str

    @staticmethod
    def read(record: dict[str, Any]) -> "NetworkResult":
        """Return the result of a record of `benchmarks.speed.steps.measure`."""
        rounds, macs = record["rounds"], record["macs"]
        failed = {name: {"failed": word} for name, word in rounds["failed"].items()}
        return NetworkResult(
            record["network"]["name"],
            macs,
            PASSES * macs * record["batch"],
            {name: values for name, values in rounds["seconds"].items() if name != MULTIPLY},
            rounds["seconds"][MULTIPLY],
            record["peers"] | failed,
            rounds["foreign"],
            record["machine"],
            record.get("commit", ""),
        )

    def step(self, peer: str) -> Spread:
        """Return the seconds of a step."""
        return spread(self.seconds[peer])

    def over_ours(self, peer: str) -> Spread:
        """Return a peer's time over ours: above 1 it is slower."""
        return ratio(self.seconds[peer], self.seconds[OURS])

    def share(self, peer: str) -> Spread:
        """Return the share 0..1 of the multiply rate of the same round that a step reaches."""
        products = [seconds * self.step_macs / MULTIPLY_MACS for seconds in self.multiply_seconds]
        return ratio(products, self.seconds[peer])

    @property
    def rate(self) -> Spread:
        """Multiply-accumulates a second of the matrix product."""
        return spread([MULTIPLY_MACS / seconds for seconds in self.multiply_seconds])

    @property
    def ranking(self) -> list[str]:
        """All that ran, the fastest first."""
        return sorted(self.seconds, key=lambda peer: self.step(peer).median)

    @property
    def fastest_peer(self) -> str | None:
        """The fastest that is not ours; None where none ran."""
        return next((peer for peer in self.ranking if peer not in NOT_PEERS), None)

    @property
    def absent(self) -> dict[str, str]:
        """What did not run, with the reason, in the order of the variants."""
        found = {}
        for name in (variant.name for variant in VARIANTS):
            said = self.facts.get(name, {})
            if "missing" in said:
                found[name] = f"not installed: `{said['missing']}`"
            elif "failed" in said:
                found[name] = f"does not run: {said['failed'][:100]}"
        return found
