"""Interleaved rounds: every child takes its turn in each round, so that what slows the machine down slows all alike."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean, median
from typing import Any

from benchmarks.speed.children import Child, ChildFailedError
from benchmarks.speed.processor_time import Moment, foreign_share

FIRST_RUNS = 2
MOST_RUNS = 100
FEWEST = 3  # rounds, however long they take
TURN_SECONDS = 300.0  # after which a child is taken for dead


@dataclass(frozen=True)
class Plan:
    """How long is measured.

    Attributes:
        rounds: that are kept.
        turn: s that one turn of a child should last, at least one run.
        seconds: limit on all rounds.
        quiet: share 0..1 of the cores that other programs may take during a turn; a noisier one is taken again.
        tries: turns at most, of which the quietest counts.
    """

    rounds: int = 9
    turn: float = 0.3
    seconds: float = 600.0
    quiet: float = 0.05
    tries: int = 4


@dataclass(frozen=True)
class Turn:
    """One child's runs in a row.

    Attributes:
        seconds: of one run, the median of the turn.
        foreign: share 0..1 of the cores that other programs took meanwhile.
    """

    seconds: float
    foreign: float


@dataclass(frozen=True)
class Rounds:
    """What was measured.

    Attributes:
        seconds: of one run by name of the child, the median of each round's turn, in the order of the rounds.
        runs: in a turn, by name.
        foreign: share 0..1 of the cores that other programs took, the mean over the turns of each round.
        turns: that were taken in all, with those taken again.
        failed: the last word of children that failed meanwhile, by name; they have no seconds.
    """

    seconds: dict[str, list[float]]
    runs: dict[str, int]
    foreign: list[float]
    turns: int
    failed: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values, rounded to what is known of them."""
        return {
            "seconds": {name: [float(f"{each:.4g}") for each in values] for name, values in self.seconds.items()},
            "runs": self.runs,
            "foreign": [round(share, 3) for share in self.foreign],
            "turns": self.turns,
            "failed": self.failed,
        }


def noise_warning(found: Rounds, plan: Plan) -> str:
    """Return a sentence where other programs took more of the machine than the plan allows; else "".

    Example:
        >>> noise_warning(Rounds({}, {}, [0.01, 0.4], 2, {}), Plan(quiet=0.05))
        'Other programs took up to 40 % of the cores: delete the record, and measure on a quiet machine.'
    """
    most = max(found.foreign, default=0.0)
    if most <= plan.quiet:
        return ""
    return (
        f"Other programs took up to {100 * most:.0f} % of the cores: delete the record, and measure on a quiet machine."
    )


def run_rounds(children: Mapping[str, Child], plan: Plan, cores: int | None = None) -> Rounds:
    """Let prepared children run in turns, round after round.

    What decides whether a turn counts is how much of the machine other programs took, never what was measured.

    Args:
        children: by name; each was prepared.
        cores: of the machine.
    """
    field = _Field(dict(children), plan, cores or os.cpu_count() or 1)
    taken: list[dict[str, Turn]] = []
    while field.children and len(taken) < plan.rounds:
        taken.append(field.round(len(taken)))
        if field.is_late and len(taken) >= FEWEST:
            break
    names = list(field.children)
    return Rounds(
        {name: [turns[name].seconds for turns in taken] for name in names},
        {name: field.runs[name] for name in names},
        [mean(turns[name].foreign for name in names) for turns in taken] if names else [],
        field.turns,
        field.failed,
    )


class _Field:
    """The children that are left, and how many runs a turn of each has."""

    def __init__(self, children: dict[str, Child], plan: Plan, cores: int) -> None:
        self.children, self.plan, self.cores, self.turns = children, plan, cores, 0
        self.end = time.perf_counter() + plan.seconds
        self.failed, self.runs = dict[str, str](), dict[str, int]()
        for name in list(children):
            turn = self._turn(name, FIRST_RUNS)
            if turn is not None:
                self.runs[name] = max(1, min(MOST_RUNS, round(plan.turn / turn.seconds)))

    @property
    def is_late(self) -> bool:
        """Whether the plan's time is over: then no turn is taken twice, and no round but the fewest begins."""
        return time.perf_counter() > self.end

    def round(self, number: int) -> dict[str, Turn]:
        """Let each child take its turn; each round begins with the next child, so that none always follows the same."""
        names = list(self.children)
        first = number % len(names)
        turns = {name: self._quiet_turn(name) for name in names[first:] + names[:first]}
        return {name: turn for name, turn in turns.items() if turn is not None}

    def _quiet_turn(self, name: str) -> Turn | None:
        taken = list[Turn]()
        for _ in range(self.plan.tries):
            turn = self._turn(name, self.runs[name])
            if turn is None:
                return None
            taken.append(turn)
            if turn.foreign <= self.plan.quiet or self.is_late:
                break
        return min(taken, key=lambda turn: turn.foreign)

    def _turn(self, name: str, runs: int) -> Turn | None:
        """Return a turn, or None where the child fails, which is left out from then on."""
        self.turns += 1
        before = Moment.now()
        try:
            answer = self.children[name].ask({"do": "run", "runs": runs}, TURN_SECONDS)
        except ChildFailedError as error:
            self.failed[name] = str(error)
            del self.children[name]
            return None
        share = foreign_share(before, Moment.now(), answer["cpu_seconds"], self.cores)
        return Turn(median(answer["seconds"]), share)
