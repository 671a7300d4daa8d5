"""The oracle over keras-tuner's kinds of parameters and objectives, with each strategy, and over scripts that change.

Each kind is a build function as a user writes it, how many different networks it has, and what its values must hold.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated, .*:DeprecationWarning:keras_tuner")
keras_tuner = pytest.importorskip("keras_tuner")

from tfkws.tuner.oracle import ParetoOracle  # noqa: E402
from tfkws.tuner.records.trials import trial_key  # noqa: E402
from tfkws.tuner.strategies.strategies import STRATEGIES  # noqa: E402

MANY = 10**9
TRIALS = 21  # five more than a strategy needs before it goes by what it knows
MIN_MIN = (("error", "min"), ("size", "min"))
Build = Callable[[Any], float]


class Kind(NamedTuple):
    """A build function, which returns the size of its network; how many networks; what holds for all values."""

    build: Build
    networks: int
    holds: Callable[[Any], bool]


def conditional(hp: Any) -> float:
    kind = hp.Choice("kind", ["cnn", "rnn"])
    with hp.conditional_scope("kind", ["cnn"]):
        filters = hp.Int("filters", 1, 8)
    with hp.conditional_scope("kind", ["rnn"]):
        units = hp.Int("units", 8, 64, step=8)
    return float(filters if kind == "cnn" else units)


def one_scope_at_a_time(hp: Any) -> float:
    if hp.Choice("kind", ["cnn", "rnn"]) == "cnn":
        with hp.conditional_scope("kind", ["cnn"]):
            return float(hp.Int("filters", 1, 8))
    with hp.conditional_scope("kind", ["rnn"]):
        return float(hp.Int("units", 8, 64, step=8))


def nested(hp: Any) -> float:
    kind, size = hp.Choice("kind", ["a", "b"]), 1.0
    with hp.conditional_scope("kind", ["b"]):
        if kind == "b":
            deep = hp.Boolean("deep")
            with hp.conditional_scope("deep", [True]):
                size += hp.Int("depth", 1, 5) if deep else 0
    return size


def loop(hp: Any) -> float:
    return float(sum(hp.Int(f"units_{i}", 1, 3) for i in range(hp.Int("layers", 1, 3))))


def every_kind(hp: Any) -> float:
    rate, steep = hp.Float("rate", 1e-5, 1e-1, sampling="log"), hp.Float("steep", 1, 100, sampling="reverse_log")
    share, fixed = hp.Float("share", -0.5, 0.5, step=0.25), hp.Fixed("fixed", 3)
    powers, one = hp.Int("powers", 2, 64, step=2, sampling="log"), hp.Choice("one", [7])
    same, wide = hp.Int("same", 4, 4), hp.Boolean("wide")
    return rate + steep + share + fixed + powers + one + same + wide + len(hp.Choice("text", ["a", "bb"]))


def in_range(values: Any) -> bool:
    numbers = (1e-5, values["rate"], 1e-1), (1, values["steep"], 100), (-0.5, values["share"], 0.5)
    return all(low <= x <= high * (1 + 1e-9) for low, x, high in numbers) and values["powers"] in (2, 4, 8, 16, 32, 64)


KINDS = {
    "conditional": Kind(conditional, 16, lambda v: ("filters" in v) != ("units" in v)),
    "one scope at a time": Kind(one_scope_at_a_time, 16, lambda v: ("filters" in v) != ("units" in v)),
    "nested": Kind(nested, 7, lambda v: ("depth" in v) == bool(v.get("deep"))),
    "loop": Kind(loop, 3 + 9 + 27, lambda v: len(v) == 1 + v["layers"]),
    "every kind": Kind(every_kind, MANY, in_range),
    "Boolean": Kind(lambda hp: 1.0 + hp.Boolean("wide"), 2, lambda v: isinstance(v["wide"], bool)),
    "Fixed": Kind(lambda hp: float(hp.Fixed("units", 5)), 1, lambda v: v["units"] == 5),
    "one-valued Int": Kind(lambda hp: float(hp.Int("units", 5, 5)), 1, lambda v: v["units"] == 5),
    "huge Int": Kind(lambda hp: float(hp.Int("units", 1, MANY)), MANY, lambda v: 1 <= v["units"] <= MANY),
    "huge log Int": Kind(lambda hp: hp.Int("u", 1, MANY, sampling="log"), MANY, lambda v: 1 <= v["u"] <= MANY),
    "mixed numbers": Kind(lambda hp: hp.Choice("x", [0.5, 1.0, 2.0]), 3, lambda v: v["x"] in (0.5, 1.0, 2.0)),
}


def search(
    folder: Path,
    build: Build,
    strategy: str = "ours",
    trials: int = TRIALS,
    objectives: Any = MIN_MIN,
    measure: Callable[[float], dict[str, float]] | None = None,
    **options: Any,
) -> ParetoOracle:
    """Run a user's script: `run_trial` builds, and measures by the size of the network."""
    import keras

    class Tuner(keras_tuner.Tuner):  # type: ignore[name-defined]
        def run_trial(self, trial: Any, *args: Any, **kwargs: Any) -> Any:
            size = build(trial.hyperparameters)
            return measure(size) if measure else {"error": 1 / (2 + size), "size": size}

    def hypermodel(hp: Any) -> Any:
        build(hp)
        return keras.Sequential()

    made = [keras_tuner.Objective(name, direction) for name, direction in objectives]
    oracle = ParetoOracle(made, trials, strategy=strategy, seed=0, lookahead=0, **options)
    Tuner(oracle=oracle, hypermodel=hypermodel, directory=str(folder), project_name="p").search(verbose=0)
    return oracle


def by_number(oracle: ParetoOracle) -> list[Any]:
    return sorted(oracle.history, key=lambda record: record.number)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_parameter_with_every_strategy(kind: str, strategy: str, tmp_path: Path) -> None:
    build, networks, holds = KINDS[kind]
    records = search(tmp_path, build, strategy).history
    assert {record.status for record in records} == {"completed"}
    assert len(records) == min(networks, TRIALS)  # each network once, and all of them where they are few
    assert len({trial_key(record.values) for record in records}) == len(records)
    assert all(holds(record.values) for record in records), [record.values for record in records]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("objectives", "measure"),
    [
        ((("gain", "max"), ("size", "max")), lambda size: {"gain": -size, "size": size}),
        ((("error", "min"), ("size", "min"), ("speed", "max")), None),
        ((("loss", "min"),), lambda size: {"loss": (size - 12) ** 2 - 1e6}),
        ((("loss", "min"), ("cost", "min")), lambda size: {"loss": -size, "cost": size if size % 3 else float("nan")}),
        ((("loss", "min"), ("cost", "min")), lambda size: {"loss": -1e100 * size, "cost": 0.0}),
    ],
    ids=["both max", "three", "one negative", "some NaN", "large and constant"],
)
def test_every_kind_of_objective_with_every_strategy(
    objectives: Any, measure: Any, strategy: str, tmp_path: Path
) -> None:
    measure = measure or (lambda size: {"error": 1 / size, "size": size, "speed": 100 - abs(size - 20)})
    oracle = search(
        tmp_path, lambda hp: float(hp.Int("units", 1, 40)), strategy, objectives=objectives, measure=measure
    )
    assert len(oracle.history) == TRIALS
    failed = [r for r in oracle.history if r.status == "infeasible"]
    assert all(r.values["units"] % 3 == 0 and "nan" in r.reason for r in failed)
    good = [r for r in oracle.history if r.status == "completed"]
    signs = [1 if direction == "min" else -1 for _, direction in objectives]
    points = {r.number: [s * r.metrics[n] for s, (n, _) in zip(signs, objectives, strict=True)] for r in good}
    dominated = {
        one
        for one, losses in points.items()
        for other in points.values()
        if other != losses and all(a <= b for a, b in zip(other, losses, strict=True))
    }
    assert {r.number for r in oracle.front()} == points.keys() - dominated


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_parameter_that_is_added_is_searched_from_then_on(strategy: str, tmp_path: Path) -> None:
    search(tmp_path, lambda hp: float(hp.Int("u", 1, 6)), strategy, 4)
    oracle = search(tmp_path, lambda hp: float(hp.Int("u", 1, 6) * hp.Int("v", 1, 3)), strategy, 30)
    assert [set(r.values) for r in by_number(oracle)[:4]] == [{"u"}] * 4
    later = [(r.values["u"], r.values["v"]) for r in by_number(oracle)[4:]]
    # The four networks without v stand for no other once v is known, so all eighteen are tried.
    assert len(set(later)) == len(later) and set(later) == {(u, v) for u in range(1, 7) for v in range(1, 4)}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_parameter_that_is_removed_is_searched_no_longer(strategy: str, tmp_path: Path) -> None:
    search(tmp_path, lambda hp: float(hp.Int("u", 1, 6) * hp.Int("v", 1, 3)), strategy, 4)
    oracle = search(tmp_path, lambda hp: float(hp.Int("u", 1, 6)), strategy, 30)
    later = [r.values for r in by_number(oracle)[4:]]
    assert later and all(set(values) == {"u"} for values in later)
    assert len({values["u"] for values in later}) == len(later)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_range_that_moved_is_searched_where_it_is_now(strategy: str, tmp_path: Path) -> None:
    search(tmp_path, lambda hp: float(hp.Int("u", 1, 30)), strategy, 6)
    oracle = search(tmp_path, lambda hp: float(hp.Int("u", 31, 60)), strategy, 12)
    assert all(r.values["u"] <= 30 for r in by_number(oracle)[:6])
    assert all(31 <= r.values["u"] <= 60 for r in by_number(oracle)[6:])
    again = search(tmp_path, lambda hp: float(hp.Int("u", 31, 60)), strategy, 15)
    assert len(again.history) == 15 and all(r.values["u"] >= 31 for r in by_number(again)[6:])


def test_loops_stay_without_twins_when_resumed(tmp_path: Path) -> None:
    search(tmp_path, loop, "random", 15)
    records = search(tmp_path, loop, "random", 60).history
    assert len(records) == 39 == len({trial_key(record.values) for record in records})


def test_values_that_are_read_whole_count_as_used(tmp_path: Path) -> None:
    def build(hp: Any) -> float:
        loop(hp)
        return float(len(dict(hp.values)))

    records = search(tmp_path, build, "random", 10).history
    assert any(len(record.values) == 4 and record.values["layers"] in (1, 2) for record in records)


def test_limits_and_known_costs_see_the_values_that_have_an_effect(tmp_path: Path) -> None:
    def size(values: Any) -> float:
        return float(values["filters"] if values["kind"] == "cnn" else values["units"])

    oracle = search(tmp_path, conditional, "ours", known_costs={"size": size}, limits={"size": 24.0})
    assert len(oracle.history) == 8 + 3 and all(size(r.values) <= 24 for r in oracle.history)
