"""One suite for every strategy, and what sets ours apart."""

import copy
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tfkws.errors import SearchError
from tfkws.tuner.fronts.hypervolume import hypervolume
from tfkws.tuner.problem.objectives import MACS, TOP1_ERROR, Objective, get_objectives, to_losses
from tfkws.tuner.problem.problem import Problem
from tfkws.tuner.problem.space import Param, SearchSpace, integer_param
from tfkws.tuner.records.trials import TrialRecord, Values, trial_key
from tfkws.tuner.strategies.strategies import STRATEGIES, Strategy, get_strategy

FAKES = Path(__file__).parents[2] / "fakes"


def toy_problem(limits: dict[str, float] | None = None) -> Problem:
    from fake_trainings import SPACE, toy_macs

    return Problem(SPACE, (TOP1_ERROR, MACS), {"macs": toy_macs}, limits or {})


def done(number: int, values: Values, status: str = "completed") -> TrialRecord:
    from fake_trainings import toy_error, toy_macs

    return TrialRecord(number, 0, values, status, {"top1_error": toy_error(values), "macs": toy_macs(values)})  # type: ignore[arg-type]


def play(strategy: Strategy, problem: Problem, trials: int, seed: int = 0) -> list[TrialRecord]:
    history: list[TrialRecord] = []
    for number in range(trials):
        values = strategy(history, problem, np.random.default_rng((seed, number)))
        assert values is not None
        history.append(done(number, values))
    return history


class StrategyConformance:
    """What any strategy must do; a subclass names it."""

    name: str

    @property
    def strategy(self) -> Strategy:
        return get_strategy(self.name)

    def test_inside_the_space_and_never_twice(self) -> None:
        problem = toy_problem()
        history = play(self.strategy, problem, 30)
        assert all(problem.space.contains(record.values) for record in history)
        assert len({trial_key(record.values) for record in history}) == 30

    def test_limits_bound_every_draw(self) -> None:
        problem = toy_problem({"macs": 30_000.0})
        assert all(record.metrics["macs"] <= 30_000 for record in play(self.strategy, problem, 22))

    def test_pure(self) -> None:
        problem = toy_problem()
        history = play(self.strategy, problem, 22)
        before = copy.deepcopy(history)
        first = self.strategy(history, problem, np.random.default_rng(5))
        assert self.strategy(list(history), problem, np.random.default_rng(5)) == first
        assert history == before

    def test_running_stopped_and_infeasible_trials_count_as_tried(self) -> None:
        problem = toy_problem()
        problem = problem.within(problem.space.freeze("kernel", 3).freeze("depth", 4))
        history = play(self.strategy, problem, 17)
        left = [v for v in range(1, 21) if v not in {record.values["width"] for record in history}]
        waiting = {"width": left[0], "depth": 4, "kernel": 3}
        failed, stopped = ({"width": width, "depth": 4, "kernel": 3} for width in left[1:3])
        history += [TrialRecord(17, 0, waiting), TrialRecord(18, 0, failed, "infeasible"), done(19, stopped, "stopped")]
        assert self.strategy(history, problem, np.random.default_rng(1)) is None

    def test_an_exhausted_space_gives_none(self) -> None:
        space = SearchSpace("three", "m", (Param("width", (1, 2, 3)),))
        problem = Problem(space, (Objective("top1_error"),))
        history = [TrialRecord(i, 0, {"width": i + 1}, "completed", {"top1_error": 0.1 * i}) for i in range(3)]
        assert self.strategy(history[:2], problem, np.random.default_rng(0)) == {"width": 3}
        assert self.strategy(history, problem, np.random.default_rng(0)) is None

    def test_frozen_parameters_stay(self) -> None:
        problem = toy_problem()
        history = play(self.strategy, problem, 24)
        frozen = problem.within(problem.space.freeze("kernel", 5))
        for seed in range(4):
            values = self.strategy(history, frozen, np.random.default_rng(seed))
            assert values is not None and values["kernel"] == 5

    def test_one_objective_and_text_choices(self) -> None:
        space = SearchSpace("text", "m", (Param("kind", ("a", "b", "c")), integer_param("n", 1, 40)))
        problem = Problem(space, (Objective("top1_error"),))
        history: list[TrialRecord] = []
        for number in range(30):
            values = self.strategy(history, problem, np.random.default_rng(number))
            assert values is not None
            error = float(values["n"]) / 100 + 0.3 * (values["kind"] != "b")
            history.append(TrialRecord(number, 0, values, "completed", {"top1_error": error}))
        assert len({trial_key(record.values) for record in history}) == 30


class TestRandom(StrategyConformance):
    name = "random"


class TestNsga2(StrategyConformance):
    name = "nsga2"


class TestTpe(StrategyConformance):
    name = "tpe"


class TestOurs(StrategyConformance):
    name = "ours"


def test_every_strategy_has_its_suite() -> None:
    assert {cls.name for cls in StrategyConformance.__subclasses__()} == set(STRATEGIES)


def network_problem() -> Problem:
    from tfkws.tuner.problem.built_in_spaces import SPACES
    from tfkws.tuner.problem.known_costs import known_costs

    space = SPACES["paper-table"]
    return Problem(space, (TOP1_ERROR, MACS), known_costs(space, (40, 32, 1), 10))


def smooth_error(values: Values) -> float:
    """Falls with the width and size of every layer, and has no local minima."""
    size = sum(math.log(float(values[f"conv{u}_m"])) + 0.5 * math.log(float(values[f"conv{u}_k"])) for u in range(1, 7))
    return 0.05 + 0.8 * math.exp(-0.12 * (size - 13.8))


def search_networks(name: str, trials: int, seed: int) -> float:
    """Hypervolume that a strategy reaches."""
    problem, history = network_problem(), list[TrialRecord]()
    for number in range(trials):
        values = STRATEGIES[name](history, problem, np.random.default_rng((seed, number)))
        assert values is not None
        metrics = {"top1_error": smooth_error(values), "macs": problem.known_costs["macs"](values)}
        history.append(TrialRecord(number, 0, values, "completed", metrics))
    return hypervolume(to_losses(history, problem.objectives), np.array([0.6, 8.8]))


def test_ours_leads_after_few_trials() -> None:
    ours = search_networks("ours", 40, 0)
    assert ours > 1.2 * max(search_networks(name, 40, 0) for name in ("random", "nsga2", "tpe"))


def test_nsga2_learns() -> None:
    scores = {name: np.mean([search_networks(name, 300, seed) for seed in range(2)]) for name in ("nsga2", "random")}
    assert scores["nsga2"] > 1.05 * scores["random"]


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(SearchError, match="ours, tpe, nsga2, random"):
        get_strategy("bayes")
    with pytest.raises(SearchError, match="top1_error, macs, latency_us"):
        get_objectives(["flops"])
    with pytest.raises(SearchError, match="needs its cost before training"):
        Problem(toy_problem().space, (TOP1_ERROR,), {}, {"macs": 1.0})


SCRIPT = """
import sys; sys.path[:0] = {folders!r}
import numpy as np
from test_strategies import play, toy_problem
from tfkws.tuner.strategies.strategies import STRATEGIES
print([sorted(record.values.items()) for record in play(STRATEGIES[{name!r}], toy_problem(), 19)])
"""


@pytest.mark.parametrize("name", STRATEGIES)
def test_seed_0_gives_the_same_in_another_process(name: str) -> None:
    script = SCRIPT.format(folders=[str(Path(__file__).parent), str(FAKES)], name=name)
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    here = [sorted(record.values.items()) for record in play(STRATEGIES[name], toy_problem(), 19)]
    assert run.stdout.strip() == str(here)
