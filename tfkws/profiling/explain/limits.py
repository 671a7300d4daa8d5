"""Where the steps of a profile stand against the limits that were measured with it. Pure: from JSON values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfkws.graphs.number_schemes import arithmetic_of
from tfkws.profiling.explain.roofline import Level, Place, Roofline, place
from tfkws.profiling.explain.steps import Step, Steps
from tfkws.profiling.measure.layer_profile import KIND

MULTIPLY_RATE = "multiply rate"
RESOLUTION_US = 1.0  # LiteRT's profiler counts whole microseconds; a rate over less than one says nothing


@dataclass(frozen=True)
class PlacedStep:
    """A step that runs, and where it stands."""

    step: Step
    place: Place

    @property
    def is_below_knee(self) -> bool:
        """Whether bandwidth, and not the multiply rate, is its limit."""
        return self.place.limit != MULTIPLY_RATE


def limits_of(profile: Mapping[str, Any]) -> Roofline | None:
    """The limits that a profile's JSON carries: of its CPU, or what the backend reached on a GPU; None without them."""
    if profile.get("roofline"):
        return Roofline.from_dict(profile["roofline"])
    return _of_backend(profile) if profile.get("kind") == KIND else None


def placed(steps: Steps, limits: Roofline | None) -> tuple[PlacedStep, ...]:
    """Hold every step that runs against the limits; nothing where there are none for its arithmetic."""
    peak = arithmetic_of(steps.number_type)
    if limits is None or peak is None:
        return ()
    weights = sum(step.weight_bytes for step in steps.timed)
    return tuple(
        PlacedStep(s, place(limits, peak, s.macs, s.weight_bytes, s.bytes_moved, weights, s.time_us))
        for s in steps.timed
    )


def reached_rates(steps: Steps, limits: Roofline | None) -> list[tuple[float, float]]:
    """(MACs a byte, GMAC/s) of the steps that multiply for at least `RESOLUTION_US`."""
    return [
        (item.place.intensity, item.step.macs / item.step.time_us / 1e3)
        for item in placed(steps, limits)
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
