"""One search against a table: who asks, what a training shows, and how good what it found really is."""

import time
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from benchmarks.search.table.players import Player, make_player
from benchmarks.search.table.synthetic_accuracy import CLIPS, curve, true_error
from tfkws.tuner.early_stopping import make_rule
from tfkws.tuner.fronts.front import bounds
from tfkws.tuner.fronts.hypervolume import hypervolume
from tfkws.tuner.fronts.pareto import pareto_mask
from tfkws.tuner.problem.objectives import MACS
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.records.trials import Curve, TrialRecord, Values, binomial_standard_error


class World(Protocol):
    """What trainings come to."""

    @property
    def problem(self) -> Problem:
        """Return space, objectives, costs and limits."""

    @property
    def clips(self) -> int:
        """Return the number of clips of the validation split."""

    @property
    def iterations(self) -> int:
        """Return the iterations of a whole training."""

    def true_error(self, values: Values) -> float:
        """Error 0..1 without noise."""

    def curve(self, values: Values, rng: np.random.Generator) -> Curve:
        """Learning curve of one training, with noise."""


@dataclass(frozen=True)
class Synthetic:
    """Made-up accuracies: instant, shaped like real ones, and no evidence."""

    problem: Problem
    clips: int = CLIPS
    iterations: int = 2_000

    def true_error(self, values: Values) -> float:
        """See `synthetic_accuracy.true_error`."""
        return true_error(values, self.iterations)  # type: ignore[arg-type]

    def curve(self, values: Values, rng: np.random.Generator) -> Curve:
        """See `synthetic_accuracy.curve`."""
        return tuple(curve(values, rng, self.iterations))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Game:
    """One search, after each trial.

    Attributes:
        hypervolume: share 0..1 that the trained candidates dominate by their true errors.
        training_macs: multiply-accumulates of all inferences that the trainings so far would make, up to a factor.
        ask_seconds: processor time that the suggestion took.
        stopped: trials that early stopping ended.
    """

    hypervolume: list[float]
    training_macs: list[float]
    ask_seconds: list[float]
    stopped: int

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def play(world: World, name: str, seed: int, trials: int) -> Game:
    """Let one player search."""
    problem = world.problem
    ideal, reference = bounds(problem, [])
    player = make_player(name, problem, seed, ideal, reference)
    front, history = np.zeros((0, 2)), list[TrialRecord]()
    game = Game([], [], [], 0)
    spent, stopped = 0.0, 0
    for number in range(trials):
        start = time.process_time()
        values = player.ask()
        game.ask_seconds.append(round(time.process_time() - start, 4))
        record = train(world, player, history, values, number, seed)
        history.append(record)
        player.tell(record)
        spent += record.metrics["iterations"] * record.metrics["macs"]
        stopped += record.status == "stopped"
        if record.status == "completed":
            point = np.array([[world.true_error(values), MACS.to_loss(record.metrics["macs"])]])
            front = np.vstack([front, (point - ideal) / (reference - ideal)])
            front = front[pareto_mask(front)]
        game.hypervolume.append(hypervolume(front, np.ones(2)))
        game.training_macs.append(spent)
    return Game(game.hypervolume, game.training_macs, game.ask_seconds, stopped)


def train(
    world: World, player: Player, history: list[TrialRecord], values: Values, number: int, seed: int
) -> TrialRecord:
    """Show what a training would: its curve up to where early stopping ends it, if that is part of the player."""
    known = world.problem.known_costs
    points = world.curve(values, np.random.default_rng((seed, number, 1)))
    rule = None
    if player.early:
        rule = make_rule(history, values, number, points[-1][0], world.problem)
    stop = next((i for i in range(1, len(points)) if rule and rule.verdict(points[:i], world.clips).stop), None)
    seen = points[:stop] if stop else points
    error = min(error for _, error in seen)
    metrics = {
        "top1_error": error,
        "standard_error": binomial_standard_error(error, world.clips),
        "macs": known["macs"](values),
        "iterations": seen[-1][0],
    }
    if stop and rule is not None:
        metrics["predicted_error"] = rule.verdict(seen, world.clips).expected_error
    return TrialRecord(number, 0, values, "stopped" if stop else "completed", metrics, seen)
