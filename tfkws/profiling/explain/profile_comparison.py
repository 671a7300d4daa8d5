"""Why one profile is slower than another: differences by category, and the facts that explain them. Pure.

`tfkws.views.comparison` puts them into words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfkws.errors import BenchmarkError
from tfkws.graphs.layer_kinds import in_order
from tfkws.profiling.explain.operators_beside import OperatorsBeside, operators_beside
from tfkws.profiling.explain.roofline import BoundedStep, bounded_steps, limits_of
from tfkws.profiling.explain.steps import DAMAGE, Step, Steps, layer_categories, not_a_profile, read_steps
from tfkws.profiling.measure.layer_profile import KIND


@dataclass(frozen=True)
class Facts:
    """What one profile comes to, for one inference.

    Attributes:
        steps: layers or operators that run, each a call of a kernel.
        steps_us: their sum; `whole_us` is the uncut inference.
        macs_per_byte: arithmetic intensity of the whole: MACs over bytes of inputs, weights and outputs of
            each step.
        gmacs_per_s: rate over the sum of the steps.
        without_macs_us: time of steps that multiply nothing: normalisation, activation, joins, sums, pooling.
        calls_us: what the calls cost besides their work; None where it was not measured.
        below_knee_steps, below_knee_us: steps that bandwidth limits; None without limits.
        bound_us: sum of the shortest times that the limits allow; None without limits.
        software: whether a software adapter in the place of a GPU took the times.
    """

    network: str
    kind: str
    number_type: str
    setting: str
    device: str
    steps: int
    steps_us: float
    whole_us: float
    macs: int
    bytes_moved: int
    weight_bytes: int
    macs_per_byte: float
    gmacs_per_s: float
    without_macs_us: float
    calls_us: float | None
    below_knee_steps: int | None
    below_knee_us: float | None
    bound_us: float | None
    software: bool = False


@dataclass(frozen=True)
class CategoryDifference:
    """One category in both profiles.

    Attributes:
        first_steps, second_steps: number of layers or operators that run.
        first_us, second_us: their time in one inference, in µs.
        difference_us: second less first.
        share: of the whole difference; below 0 where the category goes against it.
        first_gmacs_per_s, second_gmacs_per_s: rate of multiplication, in 1e9 MACs a second.
    """

    category: str
    first_steps: int
    second_steps: int
    first_us: float
    second_us: float
    difference_us: float
    share: float
    first_gmacs_per_s: float
    second_gmacs_per_s: float


@dataclass(frozen=True)
class Comparison:
    """Two profiles.

    Attributes:
        first, second: their conditions and sums, times in µs.
        ratio: time of the second over that of the first.
        categories: in paper A's order.
        operators: of one file, where one of the profiles is of a GPU; else empty.
    """

    first: Facts
    second: Facts
    ratio: float
    categories: tuple[CategoryDifference, ...]
    operators: tuple[OperatorsBeside, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)


def compare(first: Mapping[str, Any], second: Mapping[str, Any], names: Sequence[str] = ("", "")) -> Comparison:
    """Compare two profiles: one network on two devices or with two runtimes, or two networks under equal conditions.

    Args:
        first, second: what `tfkws profile` wrote, of Keras layers or of operators.
        names: of the networks, where the files do not hold them.

    Raises:
        ProfileParseError: one is no profile.
        BenchmarkError: both network and conditions differ, or nothing does.
    """
    try:
        return _compared(first, second, names)
    except DAMAGE as error:
        raise not_a_profile(error) from error


def _compared(first: Mapping[str, Any], second: Mapping[str, Any], names: Sequence[str]) -> Comparison:
    layers = _layers(first) | _layers(second)
    one, other = read_steps(first, layers, names[0]), read_steps(second, layers, names[1])
    check_comparable(one, other)
    before = facts_of(one, bounded_steps(one, limits_of(first)))
    after = facts_of(other, bounded_steps(other, limits_of(second)))
    ratio = after.steps_us / before.steps_us
    return Comparison(before, after, ratio, _categories(one, other), operators_beside(first, second))


def check_comparable(first: Steps, second: Steps) -> None:
    """Refuse what cannot be explained.

    Raises:
        BenchmarkError: see `compare`.
    """
    if not first.total_us or not second.total_us:
        raise BenchmarkError("A profile without times cannot be compared; profile again.")
    same_network = _macs(first.steps) == _macs(second.steps)
    conditions = ("kind", "number_type", "setting", "device")
    differing = [name for name in conditions if getattr(first, name) != getattr(second, name)]
    if first.steps == second.steps:
        raise BenchmarkError("Both are the same profile; give two networks, or one network on two devices.")
    if not same_network and differing:
        raise BenchmarkError(
            f"{first.network} and {second.network} are two networks and also differ in {', '.join(differing)}; "
            "change one thing at a time: profile both networks alike, or one network twice."
        )


def facts_of(steps: Steps, bounded: Sequence[BoundedStep]) -> Facts:
    """Sum a profile up: times in µs, MACs, bytes moved and what limits its steps.

    Args:
        bounded: its steps under the roofline; empty where no limits were measured.
    """
    timed = steps.timed
    macs, moved = _macs(timed), sum(step.bytes_moved for step in timed)
    below = [item.step for item in bounded if item.is_below_knee]
    return Facts(
        network=steps.network,
        kind=steps.kind,
        number_type=steps.number_type,
        setting=steps.setting,
        device=steps.device,
        steps=len(timed),
        steps_us=steps.total_us,
        whole_us=steps.whole_us,
        macs=macs,
        bytes_moved=moved,
        weight_bytes=sum(step.weight_bytes for step in timed),
        macs_per_byte=macs / moved if moved else 0.0,
        gmacs_per_s=_rate(macs, steps.total_us),
        without_macs_us=_time([step for step in timed if not step.macs]),
        calls_us=len(timed) * steps.call_us if steps.call_us else None,
        below_knee_steps=len(below) if bounded else None,
        below_knee_us=_time(below) if bounded else None,
        bound_us=sum(item.bound.bound_us for item in bounded) if bounded else None,
        software=steps.software,
    )


def _layers(profile: Mapping[str, Any]) -> dict[str, str]:
    return layer_categories(profile) if profile.get("kind") == KIND and "rows" in profile else {}


def _categories(first: Steps, second: Steps) -> tuple[CategoryDifference, ...]:
    total = second.total_us - first.total_us
    names = in_order({step.category for steps in (first, second) for step in steps.timed})
    return tuple(_category(name, _of(first, name), _of(second, name), total) for name in names)


def _category(name: str, first: Sequence[Step], second: Sequence[Step], total: float) -> CategoryDifference:
    first_us, second_us = _time(first), _time(second)
    return CategoryDifference(
        category=name,
        first_steps=len(first),
        second_steps=len(second),
        first_us=first_us,
        second_us=second_us,
        difference_us=second_us - first_us,
        share=(second_us - first_us) / total if total else 0.0,
        first_gmacs_per_s=_rate(_macs(first), first_us),
        second_gmacs_per_s=_rate(_macs(second), second_us),
    )


def _of(steps: Steps, category: str) -> list[Step]:
    return [step for step in steps.timed if step.category == category]


def _time(steps: Sequence[Step]) -> float:
    return sum(step.time_us for step in steps)


def _macs(steps: Sequence[Step]) -> int:
    return sum(step.macs for step in steps)


def _rate(macs: int, time_us: float) -> float:
    return macs / time_us / 1e3 if time_us else 0.0
