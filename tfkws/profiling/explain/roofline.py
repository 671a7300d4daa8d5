"""How fast an operator could be at best, by the machine's multiply rate and bandwidths; where a profile's steps stand.

Williams, Waterman, Patterson, "Roofline: an insightful visual performance model", CACM 2009, with two refinements for
inference: activations come from the nearest level of memory that can hold them, and weights from the nearest level that
can hold the weights of the whole network, because each inference reads all of them once.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tfkws.config.strict import Positive, Whole, record, require
from tfkws.errors import ConfigError, ProfileParseError
from tfkws.graphs.number_schemes import arithmetic_of
from tfkws.profiling.explain.steps import Step, Steps
from tfkws.profiling.measure.layer_profile import KIND

MULTIPLY_RATE = "multiply rate"
RESOLUTION_US = 1.0  # LiteRT's profiler counts whole microseconds; a rate over less than one says nothing


@dataclass(frozen=True)
class Level:
    """One level of the memory hierarchy.

    Attributes:
        name: of a cache, or "memory".
        capacity_bytes: bytes; None for main memory.
        copy_bytes_per_s: read and written together, by a copy that stays within the level.
        read_bytes_per_s: by a sum over values within the level.
    """

    name: str
    capacity_bytes: Whole | None
    copy_bytes_per_s: Positive
    read_bytes_per_s: Positive

    @property
    def bytes_per_s(self) -> float:
        """The higher of the two rates, in bytes a second, since a roof is an upper limit."""
        return max(self.copy_bytes_per_s, self.read_bytes_per_s)


@dataclass(frozen=True)
class Roofline:
    """Limits of one machine with one runtime.

    Attributes:
        when: UTC, to the second.
        peak_macs_per_s: by number type.
        peak_shapes: the convolution that reached each peak.
        numpy_macs_per_s: of NumPy's float32 matrix product, as a check on the float32 peak.
        operator_us: µs that an operator takes besides its work.
        levels: nearest first; the last one is memory.
        machine: state of the machine before the measurement.
    """

    when: str
    runtime: str
    runtime_version: str
    kernels: str
    threads: int
    peak_macs_per_s: dict[str, Positive]
    peak_shapes: dict[str, str]
    numpy_macs_per_s: float
    operator_us: float
    levels: tuple[Level, ...]
    machine: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Roofline":
        """Read what `to_dict` returned.

        Raises:
            ProfileParseError: it is something else.
        """
        try:
            made = record(cls, values)
            reach = bool(made.levels) and made.levels[-1].capacity_bytes is None
            require(reach, "Roofline.levels must end with memory, whose capacity is None.")
            return made
        except ConfigError as error:
            raise ProfileParseError(f"This is no roofline ({error}); measure it again.") from error

    def level_of(self, size_bytes: int) -> Level:
        """Return the fastest level that can hold `size_bytes` bytes."""
        return next(x for x in self.levels if x.capacity_bytes is None or size_bytes <= x.capacity_bytes)

    def knee(self, peak: str, level: Level) -> float:
        """Return the MACs a byte above which the multiply rate is the limit, and not the bandwidth.

        Source: the ridge point of Williams, Waterman and Patterson 2009, "Roofline".
        """
        return self.peak_macs_per_s[peak] / level.bytes_per_s


@dataclass(frozen=True)
class RooflineBound:
    """The best that the machine allows one operator, and how near it came.

    Attributes:
        intensity: multiply-accumulates per byte moved.
        bound_us: the shortest time that the machine's limits allow.
        limit: "multiply rate", or the level of memory whose bandwidth is the limit.
        share: of the limit that is reached, 0..1; None without a time.
    """

    intensity: float
    bound_us: float
    limit: str
    share: float | None


def roofline_bound(
    roofline: Roofline, peak: str, macs: int, weight_bytes: int, bytes_moved: int, all_weight_bytes: int, time_us: float
) -> RooflineBound:
    """Compare the time of one operator with the machine's limits.

    Args:
        peak: number type of the arithmetic; see `tfkws.graphs.number_schemes.arithmetic_of`.
        macs: of the operator.
        weight_bytes: bytes of its weights, part of `bytes_moved`.
        bytes_moved: inputs, weights and output, each once.
        all_weight_bytes: of the whole network; the level that holds them is the one that weights are read
            from.
        time_us: measured, in µs.

    Returns:
        The bound in µs, what sets it, and the share of the bound in the time; None as share where the time is
        0.
    """
    activations = roofline.level_of(bytes_moved - weight_bytes)
    weights = roofline.level_of(all_weight_bytes)
    seconds_of = {
        MULTIPLY_RATE: macs / roofline.peak_macs_per_s[peak],
        activations.name: (bytes_moved - weight_bytes) / activations.bytes_per_s,
    }
    seconds_of[weights.name] = seconds_of.get(weights.name, 0.0) + weight_bytes / weights.bytes_per_s
    limit = max(seconds_of, key=lambda name: seconds_of[name])
    bound_us = 1e6 * max(seconds_of[MULTIPLY_RATE], sum(seconds_of.values()) - seconds_of[MULTIPLY_RATE])
    intensity = macs / bytes_moved if bytes_moved else 0.0
    return RooflineBound(intensity, bound_us, limit, bound_us / time_us if time_us else None)


@dataclass(frozen=True)
class BoundedStep:
    """A step that runs, and its bound under the roofline."""

    step: Step
    bound: RooflineBound

    @property
    def is_below_knee(self) -> bool:
        """Whether bandwidth is its limit, and not the multiply rate."""
        return self.bound.limit != MULTIPLY_RATE


def limits_of(profile: Mapping[str, Any]) -> Roofline | None:
    """Return the limits that a profile's JSON holds.

    They are those of its CPU, or the rates (MACs and bytes a second) that the backend reached on a GPU; None
    where the profile has neither.
    """
    if profile.get("roofline"):
        return Roofline.from_dict(profile["roofline"])
    return _of_backend(profile) if profile.get("kind") == KIND else None


def bounded_steps(steps: Steps, limits: Roofline | None) -> tuple[BoundedStep, ...]:
    """Compare every step that runs with the limits; empty where none are known for its arithmetic."""
    peak = arithmetic_of(steps.number_type)
    if limits is None or peak is None:
        return ()
    weights = sum(step.weight_bytes for step in steps.timed)
    return tuple(
        BoundedStep(s, roofline_bound(limits, peak, s.macs, s.weight_bytes, s.bytes_moved, weights, s.time_us))
        for s in steps.timed
    )


def reached_rates(steps: Steps, limits: Roofline | None) -> list[tuple[float, float]]:
    """(MACs a byte, GMAC/s) of the steps that multiply for at least `RESOLUTION_US`."""
    return [
        (item.bound.intensity, item.step.macs / item.step.time_us / 1e3)
        for item in bounded_steps(steps, limits)
        if item.step.macs and item.step.time_us >= RESOLUTION_US
    ]


def _of_backend(profile: Mapping[str, Any]) -> Roofline:
    """One level, memory: what is in a GPU's caches can be faster than this."""
    memory = Level("memory", None, profile["copy_bytes_per_s"], profile["copy_bytes_per_s"])
    return Roofline(
        when="",
        runtime=profile["backend"],
        runtime_version=profile["backend_version"],
        kernels=profile["mode"],
        threads=profile["threads"],
        peak_macs_per_s={"float32": profile["peak_macs_per_s"]},
        peak_shapes={},
        numpy_macs_per_s=0.0,
        operator_us=profile["call_us"],
        levels=(memory,),
        machine=profile["machine"],
    )
